//! Contacts of `HubSpot`. Names and telephone numbers are not taken; addresses are, for they are a basis for joining people.

use crate::detect::{Claim, Peek};
use crate::error::ImportError;
use crate::export::{self, Field, Habits, Holds, Names, named};
use crate::options::Clock;
use crate::reading::Reading;
use crate::{Control, Importer, Layout, Yields};
use assay_model::{Contact, Fact, TimeQuality};

pub(crate) const IMPORTER: Importer = Importer {
    id: "hubspot-contacts",
    sentence: "Contacts of HubSpot.",
    source: "app.hubspot.com, CRM, Contacts, Export",
    quality: TimeQuality::Minute,
    network: None,
    yields: Yields::Contacts,
    layout: Layout::Platform,
    recognise,
    read,
    control: Control {
        files: &[(
            "contacts.csv",
            "\u{feff}Record ID,First Name,Last Name,Email,Phone Number,Lead Status,Lifecycle Stage,Create Date,Original Source,\
             Instagram handle\n901,Ada,Example,ada@example.com,+1 555 0100,NEW,Customer,2026-01-15 10:00,SOCIAL_MEDIA,@ada.makes\n\
             902,Bo,Example,,,,Lead,2026-01-16 11:30,,\n"
                .as_bytes(),
        )],
        n_taken: 2,
    },
};

#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(usize)]
enum Of {
    Id,
    Email,
    Handle,
    Created,
    Stage,
    CameFrom,
}

impl Field for Of {
    fn place(self) -> usize {
        self as usize
    }

    fn holds(self) -> Holds {
        if self == Self::Created { Holds::Time } else { Holds::Text }
    }
}

const NAMES: Names<Of> = &[
    (
        Of::Id,
        &[
            "Record ID",
            "Contact ID",
            "Datensatz-ID",
            "ID de fiche d'informations",
            "ID de registro",
            "ID record",
            "Record-ID",
            "レコードID",
        ],
    ),
    (Of::Email, &["Email", "E-Mail", "E-mail", "Correo", "Correo electrónico", "Eメール"]),
    (
        Of::Handle,
        &[
            "Instagram handle",
            "Instagram",
            "Instagram username",
            "Twitter Username",
            "Twitter handle",
            "X handle",
            "TikTok handle",
            "TikTok",
        ],
    ),
    (
        Of::Created,
        &[
            "Create Date",
            "Erstellungsdatum",
            "Date de création",
            "Fecha de creación",
            "Data di creazione",
            "Data de criação",
            "Aanmaakdatum",
            "作成日",
        ],
    ),
    (
        Of::Stage,
        &[
            "Lifecycle Stage",
            "Lifecycle-Phase",
            "Phase du cycle de vie",
            "Etapa del ciclo de vida",
            "Fase del ciclo di vita",
            "Fase do ciclo de vida",
            "Levenscyclusfase",
            "ライフサイクルステージ",
        ],
    ),
    (
        Of::CameFrom,
        &[
            "Original Source",
            "Original Traffic Source",
            "Ursprüngliche Quelle",
            "Source d'origine",
            "Fuente original",
            "Fonte originale",
            "Fonte original",
            "Oorspronkelijke bron",
        ],
    ),
];

fn of(header: &str) -> Option<Of> {
    named(NAMES, header)
}

fn recognise(peek: &Peek<'_>) -> Claim {
    let Some(layout) = export::peek(peek, of) else { return Claim::No };
    if layout.has(Of::Id) && (layout.has(Of::Stage) || layout.has(Of::Created) && layout.has(Of::Email)) {
        Claim::List
    } else {
        Claim::No
    }
}

fn read(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    let mut clock = Clock::new(reading.bundle.options());
    let mut layouts = Vec::new();
    for member in reading.members.clone() {
        let layout = export::read(reading, member, of, Habits::STRICT, |desk, line, row| {
            let created_at = match row.time(Of::Created, &mut clock) {
                Ok(created_at) => created_at,
                Err(why) => return desk.reject(line, why),
            };
            let (id, email, handle) = (row.text(Of::Id), row.text(Of::Email), row.text(Of::Handle));
            let (stage, came_from) = (row.text(Of::Stage), row.text(Of::CameFrom));
            if id.is_none() && email.is_none() {
                return desk.reject(line, "expected the id or the address of a contact, found neither");
            }
            desk.take(Fact::Contact(Contact {
                contact_id: id.as_deref(),
                email: email.as_deref(),
                handle: handle.as_deref().map(|handle| handle.trim_start_matches('@')),
                created_at,
                stage: stage.as_deref(),
                came_from: came_from.as_deref(),
                source: desk.row(line),
            }))
        })?;
        layouts.extend(layout);
    }
    if let Some(note) = clock.note() {
        reading.note(&note)?;
    }
    export::tell_unknown(reading, &layouts)
}

#[cfg(test)]
mod tests {
    use crate::samples::{open, run, shared};

    #[test]
    fn samples() {
        let Some(folder) = shared("exports/crm") else { return };
        let kept = run(&open(folder)).expect("contacts");
        assert_eq!((kept.others.len(), kept.rejects.len()), (1, 0), "{kept:?}");
        // date -u -d '2026-01-15 10:00' +%s
        assert!(
            kept.others[0].contains("1768471200000") && kept.others[0].contains("ada@example.com"),
            "{:?}",
            kept.others
        );
    }
}
