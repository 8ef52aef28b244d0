//! `assay people`: who awaits an answer, and which accounts and customers are one person, on which basis.

mod decide;
mod queue;

use super::Failure;
use super::output::Place;
use super::talk::{ListFormat, Talk};
use super::workspace::path;
use crate::config::Config;
use crate::pipeline::workspace::{existing, now, open_workspace};
use crate::pipeline::{self};
use crate::render;
use assay_store::{BASES, Join, NewLink, Status};
use clap::{Args, Subcommand};

/// Answer who wrote to you, customers first; join accounts with customers on a basis
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct PeopleArgs {
    #[command(subcommand)]
    command: PeopleCommand,
}

#[derive(Debug, Subcommand)]
enum PeopleCommand {
    Queue(queue::QueueArgs),
    Read(queue::ReadArgs),
    Answer(decide::AnswerArgs),
    Note(decide::NoteArgs),
    Saved(decide::SavedArgs),
    Response(queue::ResponseArgs),
    Overrule(decide::OverruleArgs),
    Label(decide::LabelArgs),
    List(ListArgs),
    Show(ShowArgs),
    Link(LinkArgs),
    Unlink(UnlinkArgs),
}

const EXAMPLES: &str = "\
Examples:
  assay people queue
  assay people answer 07b2c4d81e9f3a65 --note \"sent the list of shops\"
  assay people overrule @ann.lee genuine --why \"met her at the market\"
  assay people list
  assay people show @ann.lee
  assay people link @ann.lee --network instagram --customer C-1042 --note \"told us at the market\"
  assay people link @ann.lee --network instagram --code ANN10 --basis discount-code
  assay people link --from-messages
  assay people unlink 3

An account and a customer are one person only on a basis: a handle that the customer gave with an
order (order-handle) or in your list of contacts (contact-handle), an address that the account gave
in a message (message), a code that was given to this account alone and that one customer used
(discount-code), or your own word (hand). Never by name.";

const LINK_EXAMPLES: &str = "\
Examples:
  assay people link @ann.lee --network instagram --customer C-1042 --note \"told us at the market\"
  assay people link @ann.lee --network instagram --code ANN10 --basis discount-code
  assay people link --from-messages";

/// List the people and the basis of each
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  assay people list\n  assay people list --basis order-handle --format json")]
struct ListArgs {
    /// Those on this basis only
    #[arg(long, value_name = "BASIS")]
    basis: Option<String>,
    /// How to write the list
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: ListFormat,
}

/// Show whom an account or a customer is joined with
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  assay people show @ann.lee")]
struct ShowArgs {
    /// A handle, an account's id, or what orders name a customer by
    #[arg(value_name = "WHO")]
    who: String,
    /// How to write it
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: ListFormat,
}

/// Say that an account is a customer, and how you know
#[derive(Debug, Args)]
#[command(after_help = LINK_EXAMPLES)]
struct LinkArgs {
    /// The account's handle
    #[arg(value_name = "HANDLE", required_unless_present_any = ["account_id", "from_messages"])]
    handle: Option<String>,
    /// The account's id, where it is known
    #[arg(long, value_name = "ID")]
    account_id: Option<String>,
    /// The account's network, such as instagram; the only one of the workspace where none is said
    #[arg(long, value_name = "NETWORK")]
    network: Option<String>,
    /// The customer, by the id, address or telephone number that orders name them by
    #[arg(long, value_name = "ID", required_unless_present_any = ["code", "from_messages"])]
    customer: Option<String>,
    /// The discount code that was given to this account alone
    #[arg(long, value_name = "CODE", conflicts_with = "customer")]
    code: Option<String>,
    /// How you know: hand, discount-code or message
    #[arg(long, value_name = "BASIS", value_parser = basis)]
    basis: Option<&'static str>,
    /// What is to be remembered of it
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Link every account that gave in a message the address of somebody who ordered
    #[arg(long, conflicts_with_all = ["handle", "account_id", "customer", "code", "basis", "note", "network"])]
    from_messages: bool,
}

/// Take a link away
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  assay people list\n  assay people unlink 3")]
struct UnlinkArgs {
    /// The link's number, as `assay people list` tells it
    #[arg(value_name = "LINK")]
    link: i64,
}

fn basis(text: &str) -> Result<&'static str, String> {
    BASES.into_iter().find(|b| *b == text).ok_or_else(|| {
        format!("expected one of {}; order-handle and contact-handle are read off what was imported", BASES.join(", "))
    })
}

/// A status by its name.
fn status(text: &str) -> Result<Status, String> {
    Status::named(text).ok_or_else(|| "expected open, snoozed, answered, done".to_owned())
}

/// Runs the command.
pub(super) fn run(args: &PeopleArgs, config: &Config, talk: &mut Talk) -> Result<(), Failure> {
    let mut store = open_workspace(&existing(&path(config)?)?)?;
    let text = match &args.command {
        PeopleCommand::Queue(args) => return queue::queue(args, &mut store, talk),
        PeopleCommand::Read(args) => queue::read(args, &mut store, talk)?,
        PeopleCommand::Response(args) => queue::response(args, &mut store, talk)?,
        PeopleCommand::Answer(args) => decide::answer(args, &mut store, talk)?,
        PeopleCommand::Note(args) => decide::note(args, &mut store, talk)?,
        PeopleCommand::Saved(args) => decide::saved(args, &mut store)?,
        PeopleCommand::Overrule(args) => decide::overrule(args, &mut store)?,
        PeopleCommand::Label(args) => decide::label(args, &mut store, talk)?,
        PeopleCommand::List(list) => {
            let joins = store.joins().map_err(pipeline::Error::from)?;
            let chosen: Vec<Join> =
                joins.into_iter().filter(|j| list.basis.as_ref().is_none_or(|b| *b == j.basis)).collect();
            written(&chosen, list.format)
        }
        PeopleCommand::Show(show) => {
            let who = show.who.trim().trim_start_matches('@');
            let held = store.customer_id(who).map_err(pipeline::Error::from)?;
            let is = |other: &Option<String>, who: &str| other.as_deref().is_some_and(|o| o.eq_ignore_ascii_case(who));
            let joins = store.joins().map_err(pipeline::Error::from)?;
            let chosen: Vec<Join> = joins
                .into_iter()
                .filter(|j| is(&j.handle, who) || is(&j.account_id, who) || is(&j.customer_id, &held))
                .collect();
            if chosen.is_empty() {
                return Err(Failure::Failed {
                    message: format!("{who} is joined with nobody"),
                    hint: Some("a link needs a basis: `assay people link --help`".to_owned()),
                });
            }
            written(&chosen, show.format)
        }
        PeopleCommand::Link(link) if link.from_messages => {
            let n = store.link_by_messages(now()).map_err(pipeline::Error::from)?;
            format!("{} by addresses given in messages\n", render::counted(n, "new link", "new links"))
        }
        PeopleCommand::Link(link) => make(link, &mut store)?,
        PeopleCommand::Unlink(unlink) => {
            if !store.unlink(unlink.link).map_err(pipeline::Error::from)? {
                return Err(Failure::Failed {
                    message: format!("there is no link {}", unlink.link),
                    hint: Some(
                        "`assay people list` tells their numbers; what is read off orders and contacts has none"
                            .to_owned(),
                    ),
                });
            }
            format!("took away link {}\n", unlink.link)
        }
    };
    Place::Stdout.write(|out| out.write_all(text.as_bytes()))
}

fn written(joins: &[Join], format: ListFormat) -> String {
    match format {
        ListFormat::Text => render::people_text(joins),
        ListFormat::Json => format!("{:#}\n", render::people_json(joins)),
    }
}

fn make(link: &LinkArgs, store: &mut assay_store::Workspace) -> Result<String, Failure> {
    let pages = store.pages().map_err(pipeline::Error::from)?;
    let mut networks: Vec<&str> = pages.iter().map(|p| p.network.as_str()).filter(|n| !n.is_empty()).collect();
    networks.sort_unstable();
    networks.dedup();
    let network = match (&link.network, &networks[..]) {
        (Some(network), _) => network.as_str(),
        (None, [only]) => only,
        (None, _) => {
            return Err(Failure::Usage {
                message: "expected --network: the handle of one network may be somebody else's on another".to_owned(),
                hint: Some(format!("such as --network {}", networks.first().unwrap_or(&"instagram"))),
            });
        }
    };
    let basis = link.basis.unwrap_or(if link.code.is_some() { "discount-code" } else { "hand" });
    let new = NewLink {
        network,
        account_id: link.account_id.as_deref(),
        handle: link.handle.as_deref(),
        customer_id: link.customer.as_deref(),
        discount_code: link.code.as_deref(),
        basis,
        note: link.note.as_deref(),
    };
    let id = store.link(&new, now()).map_err(pipeline::Error::from)?;
    Ok(format!("link {id}, on the basis {basis}; `assay people unlink {id}` takes it away\n"))
}
