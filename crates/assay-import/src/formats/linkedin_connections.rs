//! LinkedIn's `Connections.csv`: the name, the address of the profile and the day of each connection of a person.
//!
//! Before the header stand `Notes:`, a sentence in quotes and a blank line. A connection is mutual: either side may have
//! asked. E-mail addresses, companies and positions are never kept. Some rows are blank but for the day: people who left
//! or hid themselves.

use crate::columns::plain;
use crate::delimited::{Next, Record, Records};
use crate::detect::{Claim, Peek};
use crate::error::{ImportError, quote};
use crate::reading::{Desk, Reading};
use crate::table::delimited::{Dialect, check_width, dialect, headed, no_header};
use crate::text::cell_text;
use crate::{Control, Importer, Layout, Yields, spoken};
use assay_model::{Fact, Follow, ListOrder, TimeQuality};
use std::io::Read;

pub(crate) const IMPORTER: Importer = Importer {
    id: "linkedin-connections",
    sentence: "The connections of a LinkedIn profile: name, address of the profile, day.",
    source: "linkedin.com, Settings, Data privacy, Get a copy of your data, Connections",
    quality: TimeQuality::Day,
    network: Some("linkedin"),
    yields: Yields::Followers,
    layout: Layout::Platform,
    recognise,
    read,
    control: Control {
        files: &[(
            "Connections.csv",
            b"Notes:\n\"When exporting your connection data, you may notice that some of the email addresses are missing.\"\n\n\
              First Name,Last Name,URL,Email Address,Company,Position,Connected On\n\
              Anna,Berg,https://www.linkedin.com/in/anna-berg,,\"Berg, Sons\",Owner,30 May 2024\n\
              Ben,Novak,https://www.linkedin.com/in/ben-novak-1,ben@mail.example,,,28 May 2024\n",
        )],
        n_taken: 2,
    },
};

#[derive(Debug, Clone, Copy, PartialEq)]
enum Column {
    FirstName,
    LastName,
    Url,
    ConnectedOn,
}

fn of(name: &str) -> Option<Column> {
    match plain(name).as_str() {
        "firstname" => Some(Column::FirstName),
        "lastname" => Some(Column::LastName),
        "url" => Some(Column::Url),
        "connectedon" => Some(Column::ConnectedOn),
        _ => None,
    }
}

/// Where the columns stand. Older exports have no addresses.
struct Places {
    first: usize,
    last: usize,
    url: Option<usize>,
    day: usize,
}

fn layout(head: &[u8]) -> Option<(Dialect, Places)> {
    let dialect = dialect(head, of)?;
    let place = |column| dialect.header.iter().position(|name| of(name) == Some(column));
    let (first, last, day) = (place(Column::FirstName)?, place(Column::LastName)?, place(Column::ConnectedOn)?);
    let url = place(Column::Url);
    Some((dialect, Places { first, last, url, day }))
}

fn recognise(peek: &Peek<'_>) -> Claim {
    let plausible = peek.base().starts_with("connections") || peek.is_single();
    if plausible && layout(peek.head()).is_some() { Claim::List } else { Claim::No }
}

fn read(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    let mut n_blank = 0;
    for member in reading.members.clone() {
        n_blank += reading.file(member, read_file)?;
    }
    reading.note("the list is of the connections of a LinkedIn profile, to which both sides agreed")?;
    if n_blank > 0 {
        reading
            .note(&format!("{n_blank} connections have no name and no address, as LinkedIn leaves those who left"))?;
    }
    reading.tell(Fact::Quality(TimeQuality::Day))?;
    reading.tell(Fact::Order(ListOrder::NewestFirst))
}

/// Reads one file; returns how many rows name nobody.
fn read_file(stream: &mut dyn Read, desk: &mut Desk<'_>) -> Result<u64, ImportError> {
    let (head, stream) = headed(stream, desk)?;
    if head.iter().all(u8::is_ascii_whitespace) {
        return Ok(0);
    }
    let Some((Dialect { delimiter, header, n_before }, places)) = layout(&head) else {
        return Err(no_header::<crate::columns::Column>(&head, desk.name()));
    };
    let mut records = Records::new(stream, delimiter, &head);
    let mut to_skip = n_before + 1;
    let mut n_blank = 0;
    loop {
        match records.next().map_err(|e| desk.broken(&e))? {
            Next::End => return Ok(n_blank),
            Next::Record(..) if to_skip > 0 => to_skip -= 1,
            Next::Broken(line, why) => desk.reject(line, why)?,
            Next::Record(line, record) => match check_width(record, header.len()) {
                Ok(()) => n_blank += u64::from(row(line, record, &places, desk)?),
                Err(why) => desk.reject(line, why)?,
            },
        }
    }
}

/// Takes a row; tells whether it names nobody.
fn row(line: u64, record: Record<'_>, places: &Places, desk: &mut Desk<'_>) -> Result<bool, ImportError> {
    let text = |place: usize| cell_text(record.cell(place)).0.trim().to_owned();
    let day = text(places.day);
    let Some(moment) = spoken::moment(&day) else {
        desk.reject(line, format!("expected a day such as 30 May 2024, found {}", quote(&day)))?;
        return Ok(false);
    };
    let name = format!("{} {}", text(places.first), text(places.last));
    let url = places.url.map(text).unwrap_or_default();
    if name.contains('\0') || url.contains('\0') {
        desk.reject(line, "expected text, found a NUL character")?;
        return Ok(false);
    }
    let (name, id) = (name.trim(), profile_of(&url));
    desk.follow(
        line,
        Follow {
            account_id: id,
            handle: id,
            display_name: Some(name).filter(|name| !name.is_empty()),
            followed_at: Some(moment.at.day().start()),
            ..Follow::default()
        },
    )?;
    Ok(name.is_empty() && id.is_none())
}

/// The name of the profile in its address: `https://www.linkedin.com/in/anna-berg` is `anna-berg`.
fn profile_of(url: &str) -> Option<&str> {
    let (_, path) = url.split_once("linkedin.com/")?;
    let path = path.strip_prefix("in/").or_else(|| path.strip_prefix("pub/"))?;
    path.split(['/', '?', '#']).next().filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::profile_of;
    use crate::samples::{open, run, run_files, shared};
    use assay_model::{Day, ListOrder, TimeQuality};

    #[test]
    fn names_days_and_addresses_are_read_and_mail_is_not_kept() {
        let text = "First Name,Last Name,URL,Email Address,Company,Position,Connected On\n\
            Zoë,van Dam,https://www.linkedin.com/in/zoe,zoe@mail.example,Mill,Miller,30 mai 2024\n,,,,,,30 May 2024\n\
            A,B,https://www.linkedin.com/in/zoe,,,,29 May 2024\nC,D,,,,,soon\n";
        let kept = run_files(&[("Connections.csv", text.as_bytes())]).expect("an export");
        assert_eq!((kept.follows.len(), kept.rejects.len()), (2, 2));
        assert_eq!(
            (kept.follows[0].account_id.as_str(), kept.follows[0].display_name.as_str()),
            ("zoe", "Zoë van Dam")
        );
        // date -u -d '2024-05-30' +%s divided by 86400
        assert_eq!(kept.follows[0].followed_at, Some(Day(19_873).start()));
        assert!(!format!("{kept:?}").contains("mail.example"));
        assert!(kept.notes.iter().any(|n| n.starts_with("1 connections have no name")), "{:?}", kept.notes);
        assert_eq!((kept.order, kept.quality), (Some(ListOrder::NewestFirst), Some(TimeQuality::Day)));
    }

    #[test]
    fn addresses() {
        assert_eq!(profile_of("https://www.linkedin.com/in/anna-berg/?x=1"), Some("anna-berg"));
        assert_eq!(profile_of("https://www.linkedin.com/company/mill"), None);
        assert_eq!(profile_of(""), None);
    }

    #[test]
    fn samples() {
        let Some(folder) = shared("exports/linkedin") else { return };
        let kept = run(&open(folder.join("Connections.csv"))).expect("a real export");
        assert_eq!(kept.rejects, []);
        assert!(kept.follows.len() > 100 && kept.follows.windows(2).all(|w| w[0].followed_at >= w[1].followed_at));
        assert!(!format!("{kept:?}").contains("@example.com"));
    }
}
