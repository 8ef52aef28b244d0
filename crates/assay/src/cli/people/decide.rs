//! `assay people answer`, `note`, `saved`, `overrule` and `label`: what is decided.

use super::queue::{moment, watch};
use crate::cli::Failure;
use crate::cli::talk::{ListFormat, Talk};
use crate::pipeline::people::{self, Decided};
use crate::pipeline::{self, workspace};
use crate::render::{self, counted};
use assay_model::{DAY_MS, Label, TimeMs};
use assay_store::{SavedAnswer, Status, Workspace};
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Who decides.
#[derive(Debug, Args)]
pub(super) struct WhoArgs {
    /// Who decides this; the user of this computer where nobody is named
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

impl WhoArgs {
    fn name(&self) -> String {
        let filled = |name: String| Some(name.trim().to_owned()).filter(|n| !n.is_empty());
        let user = || ["USER", "USERNAME", "LOGNAME"].into_iter().find_map(|v| std::env::var(v).ok().and_then(filled));
        self.by.clone().and_then(filled).or_else(user).unwrap_or_else(|| "somebody".to_owned())
    }
}

/// Mark a conversation as answered (or another status), and show what to answer and how
#[derive(Debug, Args)]
#[command(after_help = ANSWER_EXAMPLES)]
pub(super) struct AnswerArgs {
    /// The conversation, as `assay people queue` tells it
    #[arg(value_name = "ID")]
    id: String,
    /// What becomes of it: open, snoozed, answered or done
    #[arg(long, value_name = "STATUS", default_value = "answered", value_parser = super::status)]
    status: Status,
    /// Until when it is put off: a time, or how long from now, such as 3d or 12h
    #[arg(long, value_name = "TIME", value_parser = later)]
    until: Option<Later>,
    /// What is to be remembered of it
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Who handles it from now on
    #[arg(long, value_name = "NAME")]
    handled_by: Option<String>,
    /// Show this saved answer, to be copied
    #[arg(long, value_name = "NAME")]
    saved: Option<String>,
    #[command(flatten)]
    who: WhoArgs,
    /// How to write it
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: ListFormat,
}

const ANSWER_EXAMPLES: &str = "\
Examples:
  assay people answer 07b2c4d81e9f3a65 --saved shipping
  assay people answer 07b2c4d81e9f3a65 --status snoozed --until 3d --note \"asks again in spring\"
  assay people answer 07b2c4d81e9f3a65 --status open --handled-by Kim

Nothing is sent: copy the text and answer on the network. A status is about the words that are
there; when the person writes again, the conversation awaits an answer anew.";

/// Note something of a conversation
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  assay people note 07b2c4d81e9f3a65 \"prefers the dark roast\"")]
pub(super) struct NoteArgs {
    /// The conversation
    #[arg(value_name = "ID")]
    id: String,
    /// What is to be remembered
    #[arg(value_name = "TEXT")]
    text: String,
    #[command(flatten)]
    who: WhoArgs,
}

/// Keep answers that are used again
#[derive(Debug, Args)]
#[command(after_help = SAVED_EXAMPLES)]
pub(super) struct SavedArgs {
    #[command(subcommand)]
    command: SavedCommand,
}

const SAVED_EXAMPLES: &str = "\
Examples:
  assay people saved add shipping \"We ship to all of Europe; it takes three days.\"
  assay people saved list
  assay people saved remove shipping";

#[derive(Debug, Subcommand)]
enum SavedCommand {
    /// List the answers
    List {
        /// How to write the list
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        format: ListFormat,
    },
    /// Keep an answer, in place of one of the same name
    Add {
        /// What it is called
        #[arg(value_name = "NAME")]
        name: String,
        /// What it says
        #[arg(value_name = "TEXT")]
        text: String,
        #[command(flatten)]
        who: WhoArgs,
    },
    /// Take an answer away
    Remove {
        /// What it is called
        #[arg(value_name = "NAME")]
        name: String,
    },
}

/// Overrule the verdict on an account: audits say so from now on, and the queue goes by it
#[derive(Debug, Args)]
#[command(after_help = OVERRULE_EXAMPLES)]
pub(super) struct OverruleArgs {
    /// The account's handle
    #[arg(value_name = "HANDLE", required_unless_present_any = ["account_id", "list"])]
    handle: Option<String>,
    /// What the account is: genuine or inauthentic; `withdraw` takes back what was said
    #[arg(value_name = "LABEL", required_unless_present = "list", value_parser = judgement)]
    label: Option<Judgement>,
    /// The account's id, where it is known
    #[arg(long, value_name = "ID")]
    account_id: Option<String>,
    /// The account's network; the only one of the workspace where none is said
    #[arg(long, value_name = "NETWORK")]
    network: Option<String>,
    /// How you know
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
    /// List the verdicts that are overruled instead
    #[arg(long, conflicts_with_all = ["handle", "label", "account_id", "why"])]
    list: bool,
    #[command(flatten)]
    who: WhoArgs,
    /// How to write the list
    #[arg(long, value_name = "FORMAT", default_value = "text", requires = "list")]
    format: ListFormat,
}

const OVERRULE_EXAMPLES: &str = "\
Examples:
  assay people overrule @ann.lee genuine --why \"met her at the market\"
  assay people overrule some_shop99 inauthentic --network instagram --why \"offers followers\"
  assay people overrule @ann.lee withdraw
  assay people overrule --list

An overrule is about one account, and shows in every later audit of the workspace with who said
it and why. It moves no share: you chose the account, chance did not. To learn the share, label
followers that were drawn: `assay people label --help`.";

/// Keep the labels of followers that were drawn for labelling; later audits of the workspace take them into account
#[derive(Debug, Args)]
#[command(after_help = LABEL_EXAMPLES)]
pub(super) struct LabelArgs {
    /// The follower's handle
    #[arg(value_name = "HANDLE", required_unless_present_any = ["from", "account_id"])]
    handle: Option<String>,
    /// What the follower is: genuine or inauthentic
    #[arg(value_name = "LABEL", required_unless_present = "from", value_parser = judgement)]
    label: Option<Judgement>,
    /// The follower's account id, where it is known
    #[arg(long, value_name = "ID")]
    account_id: Option<String>,
    /// Keep the labels of this table, as `assay audit --sample-to-label` drew it
    #[arg(long, value_name = "FILE", conflicts_with_all = ["handle", "label", "account_id"])]
    from: Option<PathBuf>,
    /// The page whose followers they are; the only one with a follower list where none is said
    #[arg(long, value_name = "PAGE")]
    page: Option<String>,
    #[command(flatten)]
    who: WhoArgs,
}

const LABEL_EXAMPLES: &str = "\
Examples:
  assay audit --sample-to-label 100 --out label-me.csv
  assay people label --from label-me.csv
  assay people label @ann.lee genuine
  assay audit

Labels of followers that chance drew tell the share of inauthentic ones; those of followers that
you chose tell of these alone, and the audit says so.";

/// What somebody says of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Judgement {
    Genuine,
    Inauthentic,
    Withdraw,
}

fn judgement(text: &str) -> Result<Judgement, String> {
    match text {
        "genuine" | "person" => Ok(Judgement::Genuine),
        "inauthentic" | "bought" => Ok(Judgement::Inauthentic),
        "withdraw" => Ok(Judgement::Withdraw),
        _ => Err("expected genuine or inauthentic".to_owned()),
    }
}

/// A time to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Later {
    At(TimeMs),
    After(i64),
}

fn later(text: &str) -> Result<Later, String> {
    let span = |unit: char, ms: i64| {
        let n = text.strip_suffix(unit)?.parse::<u32>().ok().filter(|n| *n <= 10_000)?;
        Some(Later::After(i64::from(n) * ms))
    };
    span('d', DAY_MS).or_else(|| span('h', DAY_MS / 24)).map_or_else(
        || {
            let why = || "expected how long, such as 3d or 12h, or a time such as 2026-03-05".to_owned();
            moment(text).map(Later::At).map_err(|_| why())
        },
        Ok,
    )
}

pub(super) fn answer(args: &AnswerArgs, store: &mut Workspace, talk: &mut Talk) -> Result<String, Failure> {
    let saved = args.saved.as_deref().map(|name| saved_answer(store, name)).transpose()?;
    let until = args.until.map(|until| match until {
        Later::At(at) => at,
        Later::After(ms) => TimeMs(workspace::now().0 + ms),
    });
    let decided =
        Decided { status: args.status, until, note: args.note.as_deref(), handled_by: args.handled_by.as_deref() };
    let id = people::id(&args.id)?;
    let report = people::answer(store, id, &decided, &args.who.name(), &mut watch(talk))?;
    talk.end_steps();
    Ok(match args.format {
        ListFormat::Text => render::conversation_text(&report, saved.as_ref()),
        ListFormat::Json => format!("{:#}\n", render::conversation_json(&report, saved.as_ref())),
    })
}

fn saved_answer(store: &Workspace, name: &str) -> Result<SavedAnswer, Failure> {
    people::saved_answers(store)?.into_iter().find(|s| s.name == name.trim()).ok_or_else(|| Failure::Failed {
        message: format!("there is no saved answer {name}"),
        hint: Some("`assay people saved list` tells their names".to_owned()),
    })
}

pub(super) fn note(args: &NoteArgs, store: &mut Workspace, talk: &mut Talk) -> Result<String, Failure> {
    people::refresh(store, &mut watch(talk))?;
    talk.end_steps();
    let id = people::id(&args.id)?;
    people::note(store, id, &args.text, &args.who.name())?;
    Ok(format!("noted; `assay people read {id}` shows it\n"))
}

pub(super) fn saved(args: &SavedArgs, store: &mut Workspace) -> Result<String, Failure> {
    Ok(match &args.command {
        SavedCommand::List { format } => {
            let all = people::saved_answers(store)?;
            match format {
                ListFormat::Text => render::saved_answers_text(&all),
                ListFormat::Json => format!("{:#}\n", render::saved_answers_json(&all)),
            }
        }
        SavedCommand::Add { name, text, who } => {
            people::save_answer(store, name, text, &who.name())?;
            format!("saved; `assay people answer ID --saved {}` shows it\n", name.trim())
        }
        SavedCommand::Remove { name } => {
            people::remove_answer(store, name)?;
            format!("took away the answer {}\n", name.trim())
        }
    })
}

pub(super) fn overrule(args: &OverruleArgs, store: &mut Workspace) -> Result<String, Failure> {
    if args.list {
        let all = people::overruled(store)?;
        return Ok(match args.format {
            ListFormat::Text => render::overruled_text(&all),
            ListFormat::Json => format!("{:#}\n", render::overruled_json(&all)),
        });
    }
    let network = people::network_of(store, args.network.as_deref())?;
    let account = people::account_of(&network, args.handle.as_deref(), args.account_id.as_deref());
    let is_inauthentic = match args.label {
        Some(Judgement::Withdraw) => {
            people::withdraw(store, account)?;
            return Ok("took back: the verdict is the audit's again\n".to_owned());
        }
        label => label == Some(Judgement::Inauthentic),
    };
    let Some(why) = &args.why else {
        return Err(Failure::Usage {
            message: "expected how you know, found no --why".to_owned(),
            hint: Some("such as --why \"met her at the market\": audits show it beside the verdict".to_owned()),
        });
    };
    people::overrule(store, account, is_inauthentic, why, &args.who.name())?;
    let is = if is_inauthentic { "inauthentic" } else { "genuine" };
    Ok(format!("the account counts as {is} from now on; `assay audit` shows it with who said so and why\n"))
}

pub(super) fn label(args: &LabelArgs, store: &mut Workspace, talk: &mut Talk) -> Result<String, Failure> {
    let who = args.who.name();
    if let Some(path) = &args.from {
        let table = pipeline::read_labels(path)?;
        for reject in &table.rejects {
            talk.note(&format!("{}:{}: {}", reject.file, reject.line, reject.why));
        }
        let n = people::label(store, args.page.as_deref(), &table, &who)?;
        let blank = if table.n_blank > 0 { format!(", {} still blank", table.n_blank) } else { String::new() };
        return Ok(format!("kept {}{blank}; `assay audit` takes them into account\n", counted(n, "label", "labels")));
    }
    let is_inauthentic = match args.label {
        Some(Judgement::Withdraw) => {
            people::unlabel(store, args.page.as_deref(), args.handle.as_deref(), args.account_id.as_deref())?;
            return Ok("took the label away\n".to_owned());
        }
        label => label == Some(Judgement::Inauthentic),
    };
    let plain = |t: &Option<String>| {
        t.as_deref().map(|t| t.trim().trim_start_matches('@').to_owned()).filter(|t| !t.is_empty())
    };
    let label =
        Label { account_id: plain(&args.account_id), handle: plain(&args.handle), is_inauthentic, stratum: None };
    people::label_one(store, args.page.as_deref(), label, &who)?;
    Ok("kept; `assay audit` takes it into account\n".to_owned())
}
