//! People: who awaits an answer and in which order, single conversations, and what is decided of them.
//!
//! ```text
//! workspace ─ said ─► Threads ─ conversations ─► kept in the workspace ─ queue ─► QueueReport
//! ```
//!
//! Conversations are made anew when the facts, the links or the audits change ([`refresh`]); all else reads what is kept. A way to
//! answer is a line in [`WAYS`].

mod decide;
mod queue;
mod refresh;
mod response;

pub use decide::{
    Decided, account_of, answer, assign, label, label_one, network_of, note, overrule, overruled, remove_answer,
    save_answer, saved_answers, set_status, unlabel, withdraw,
};
pub use queue::{QueueOptions, conversation, queue};
pub use refresh::refresh;
pub use response::response;
pub(in crate::pipeline) use response::{TurnsOfFiles, kept_turns, silent_pages, warning};

use super::Error;
use crate::report::Way;
use assay_store::ConversationId;

/// The ways to answer. A connector of a network adds a line; the first that fits is offered first.
pub static WAYS: &[Way] = &[Way {
    id: "by-hand",
    network: None,
    sentence: "copy the text, answer on the network, and mark the conversation as answered",
}];

/// The ways to answer somebody on a network.
pub fn ways(network: &str) -> Vec<&'static Way> {
    WAYS.iter().filter(|w| w.network.is_none_or(|n| n == network)).collect()
}

/// The id of a text.
///
/// # Errors
/// If it is none.
pub fn id(text: &str) -> Result<ConversationId, Error> {
    ConversationId::parse(text).ok_or_else(|| Error::Usage {
        message: format!("expected the id of a conversation, sixteen digits such as 07b2c4d81e9f3a65, found {text}"),
        hint: Some("`assay people queue` tells the ids".to_owned()),
    })
}

fn not_there(id: ConversationId) -> Error {
    Error::Input {
        message: format!("there is no conversation {id} in the workspace"),
        hint: Some(
            "`assay people queue --status all` tells the ids; an import that was taken back takes its own away"
                .to_owned(),
        ),
    }
}
