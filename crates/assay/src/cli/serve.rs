//! `assay serve`: the same answers as pages to look at, and as an API.

use super::Failure;
use super::talk::Talk;
use crate::config::{Config, Origin};
use crate::pipeline::{self, workspace::now};
use crate::render::forms::Forms;
use crate::server::access::{Access, Accounts, Role, hash_password};
use crate::server::{Fixed, Language, ServeOptions, memory, serve, workspaces_of};
use assay_math::Seed;
use clap::{Args, Subcommand};
use std::io::{BufRead as _, Read as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// The most bytes of one upload where nobody says otherwise.
const UPLOAD_MAX_MB: u64 = 1024;

/// Serve pages to look at and an API, on this machine
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct ServeArgs {
    #[command(subcommand)]
    command: Option<ServeCommand>,
    /// Where to listen; any other address than this machine's own needs --accounts
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7380")]
    listen: SocketAddr,
    /// Serve every workspace of this folder, and make new ones there
    #[arg(long, value_name = "FOLDER", conflicts_with = "workspace")]
    workspaces: Option<PathBuf>,
    /// Let nobody in but those in this register (made by `assay serve account set`)
    #[arg(long, value_name = "FILE", global = true)]
    accounts: Option<PathBuf>,
    /// Another name that the server is reached by, such as that of a reverse proxy
    #[arg(long, value_name = "NAME")]
    host: Vec<String>,
    /// Show pages in this language to whose browser asks for it: a table of English and what to say instead
    #[arg(long, value_name = "FILE.tsv")]
    language: Vec<PathBuf>,
    /// The most that may be sent at once, in MB
    #[arg(long, value_name = "MB", default_value_t = UPLOAD_MAX_MB)]
    upload_max: u64,
    /// Confidence of the intervals
    #[arg(long, value_name = "SHARE", default_value_t = pipeline::DEFAULT_CONFIDENCE, value_parser = super::audit::confidence)]
    confidence: f64,
    /// Seed of every random step
    #[arg(long, value_name = "N", default_value_t = pipeline::DEFAULT_SEED.0)]
    seed: u64,
    /// Tell money in this currency
    #[arg(long, value_name = "CODE")]
    currency: Option<String>,
    #[command(flatten)]
    reading: super::reading::ReadingArgs,
}

const EXAMPLES: &str = "\
Examples:
  assay serve                                    the workspace, at http://127.0.0.1:7380
  assay serve --workspaces clients/              one page for every client of an agency
  assay serve account set ann --role owner --accounts accounts.db
  assay serve --accounts accounts.db --listen 0.0.0.0:7380 --host assay.example.com

Without --accounts it listens on this machine alone, and whoever is at the machine may do
everything. With it, everybody signs in; put a reverse proxy that speaks TLS before it.";

#[derive(Debug, Subcommand)]
enum ServeCommand {
    /// Make accounts, give them roles, remove them
    Account(AccountArgs),
}

#[derive(Debug, Args)]
struct AccountArgs {
    #[command(subcommand)]
    command: AccountCommand,
}

#[derive(Debug, Subcommand)]
enum AccountCommand {
    /// Make an account or give it a new password, which is read from the first line of stdin
    #[command(
        after_help = "Example:\n  assay serve account set ann --role editor --of northlight --accounts accounts.db"
    )]
    Set {
        /// Its name
        #[arg(value_name = "NAME")]
        name: String,
        /// What it may do: viewer, editor or owner
        #[arg(long, value_name = "ROLE", value_parser = role)]
        role: Option<Role>,
        /// In which workspace; in all where none is named
        #[arg(long, value_name = "WORKSPACE", default_value = "*", hide_default_value = true)]
        of: String,
    },
    /// List the accounts and their roles
    #[command(after_help = "Example:\n  assay serve account list --accounts accounts.db")]
    List,
    /// Remove an account
    #[command(after_help = "Example:\n  assay serve account remove ann --accounts accounts.db")]
    Remove {
        /// Its name
        #[arg(value_name = "NAME")]
        name: String,
    },
}

fn role(text: &str) -> Result<Role, String> {
    Role::parse(text).ok_or_else(|| "expected viewer, editor or owner".to_owned())
}

/// Runs the command.
pub(super) fn run(args: &ServeArgs, config: &Config, talk: &mut Talk) -> Result<(), Failure> {
    if let Some(ServeCommand::Account(account)) = &args.command {
        let path = args.accounts.as_deref().ok_or_else(|| Failure::Usage {
            message: "expected the file of the accounts".to_owned(),
            hint: Some("name it with --accounts FILE; it is made where it is not there".to_owned()),
        })?;
        return accounts(&account.command, path);
    }
    memory::give_back();
    let access = match &args.accounts {
        Some(path) => Access::Accounts(Box::new(Accounts::open(path)?)),
        None if args.listen.ip().is_loopback() => Access::Open,
        None => {
            return Err(Failure::Usage {
                message: format!("expected --accounts, as {} can be reached from other machines", args.listen),
                hint: Some(
                    "`assay serve account set NAME --role owner --accounts FILE` makes the first account".to_owned(),
                ),
            });
        }
    };
    let workspaces = if let Some(folder) = &args.workspaces {
        workspaces_of(folder)?
    } else {
        let path = super::workspace::path(config)?;
        let name = path.file_stem().and_then(|n| n.to_str()).unwrap_or("workspace");
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let name: String = name.chars().map(|c| if fits(c) { c } else { '-' }).collect();
        vec![(name, path)]
    };
    let said = [
        ("currency", args.currency.as_deref()),
        ("zone", args.reading.zone()),
        ("numbers", config.set("numbers")),
        ("dates", config.set("dates")),
    ];
    let firm = said.into_iter().filter(|(key, value)| is_firm(config, key, *value)).map(|(key, _)| key);
    let options = ServeOptions {
        workspaces,
        folder: args.workspaces.clone(),
        listen: args.listen,
        hosts: args.host.clone(),
        access,
        upload_max: args.upload_max.saturating_mul(1 << 20),
        languages: args.language.iter().map(|path| language(path)).collect::<Result<_, _>>()?,
        fixed: Fixed {
            confidence: args.confidence,
            seed: Seed(args.seed),
            reading: args.reading.options()?,
            currency: args.currency.clone(),
            forms: Forms::named(config.value("numbers"), config.value("dates"), args.reading.options()?.zone),
            firm: firm.collect(),
        },
    };
    let say = |at: SocketAddr| talk.note(&format!("assay serves at http://{at}; ^C ends it"));
    serve(options, say)?;
    Ok(())
}

/// The most bytes of a table of a language.
const LANGUAGE_BYTES_MAX: u64 = 4 << 20;

fn language(path: &Path) -> Result<Language, Failure> {
    let failed = |why: &dyn std::fmt::Display| Failure::Usage {
        message: format!("cannot use the language in {}: {why}", path.display()),
        hint: Some("its form is told in docs/guides/serve.md".to_owned()),
    };
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(|e| failed(&e))?;
    std::io::Read::take(file, LANGUAGE_BYTES_MAX).read_to_string(&mut text).map_err(|e| failed(&e))?;
    Language::parse(&text).map_err(|why| failed(&why))
}

/// Whether a value goes before what a workspace says: unless a file of settings alone says it.
fn is_firm(config: &Config, key: &str, value: Option<&str>) -> bool {
    let setting = config.get(key);
    value.is_some() && !(matches!(setting.origin, Origin::File { .. }) && setting.value.as_deref() == value)
}

fn accounts(command: &AccountCommand, path: &Path) -> Result<(), Failure> {
    let accounts = Accounts::open(path)?;
    let text = match command {
        AccountCommand::Set { name, role, of } => {
            let fits =
                !name.is_empty() && name.len() <= 100 && !name.chars().any(|c| c.is_whitespace() || c.is_control());
            if !fits {
                return Err(Failure::Usage { message: "expected a name without spaces".to_owned(), hint: None });
            }
            let mut line = String::new();
            std::io::stdin().lock().read_line(&mut line).map_err(|e| Failure::Failed {
                message: format!("cannot read the password from stdin: {e}"),
                hint: None,
            })?;
            let hash = hash_password(line.trim_end_matches(['\r', '\n']))?;
            accounts.with(|r| r.set_account(name, &hash, now()))?;
            if let Some(role) = role {
                accounts.with(|r| r.set_role(name, of, Some(role.name())))?;
            }
            format!("{name} may sign in\n")
        }
        AccountCommand::List => {
            let all = accounts.with(|r| r.accounts())?;
            let line = |(name, roles): &assay_store::AccountRoles| {
                let roles: Vec<String> = roles
                    .iter()
                    .map(|(of, role)| format!("{role} of {}", if of == "*" { "all" } else { of }))
                    .collect();
                format!("{name}: {}\n", if roles.is_empty() { "no role".to_owned() } else { roles.join(", ") })
            };
            all.iter().map(line).collect()
        }
        AccountCommand::Remove { name } => {
            if !accounts.with(|r| r.remove_account(name))? {
                return Err(Failure::Failed { message: format!("there is no account called {name}"), hint: None });
            }
            format!("removed {name}\n")
        }
    };
    super::output::Place::Stdout.write(|out| std::io::Write::write_all(out, text.as_bytes()))
}
