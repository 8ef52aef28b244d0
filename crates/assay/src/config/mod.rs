//! Settings and where each comes from: a flag, an `ASSAY_*` variable, the workspace that is read, `./assay.toml`, the user's
//! `assay/config.toml`, or what is built in; the first that names a key wins.
//!
//! A new key is one line in [`KEYS`]: its check, the variable and the documents follow from it. Flags of commands that stand for
//! a key (`--seed`, `--confidence`, `--progress`) take what is set here as their default.

mod file;
mod key;

pub use key::{Form, KEYS, Key, Stands};

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

/// What a program is started in: its variables and its folder. Tests make their own.
pub struct Surroundings<'a> {
    /// The value of a variable.
    pub variable: &'a dyn Fn(&str) -> Option<OsString>,
    /// The names of all variables.
    pub variables: Vec<String>,
    /// The folder it was started in.
    pub folder: PathBuf,
}

/// Where a setting comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A flag of this run.
    Flag(&'static str),
    /// A variable.
    Variable(String),
    /// A line of a file.
    File {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// The workspace.
    Workspace(PathBuf),
    /// The program.
    BuiltIn,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) => f.write_str(name),
            Self::Variable(name) => f.write_str(name),
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Workspace(path) => write!(f, "workspace {}", path.display()),
            Self::BuiltIn => f.write_str("built in"),
        }
    }
}

/// A key, its value (checked) and where it comes from.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The key.
    pub key: &'static Key,
    /// Its value as text; `None` where nothing is set and nothing built in.
    pub value: Option<String>,
    /// Where it comes from.
    pub origin: Origin,
}

/// Every setting, in the order of [`KEYS`].
#[derive(Debug, Clone)]
pub struct Config {
    /// The settings.
    pub settings: Vec<Setting>,
    /// The files that may hold settings, the stronger first, and whether each is there.
    pub files: Vec<(PathBuf, bool)>,
    /// Variables that look like settings and are none, with the key that comes nearest.
    pub unknown: Vec<(String, Option<&'static str>)>,
}

/// Why settings cannot be used: what is wrong, where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigProblem {
    /// One sentence.
    pub message: String,
    /// What to do.
    pub hint: String,
}

/// Reads the settings that hold in these surroundings.
///
/// # Errors
/// If a file cannot be read, names a key that there is not, or a value does not fit its key.
pub fn read(surroundings: &Surroundings<'_>) -> Result<Config, ConfigProblem> {
    let folders = Folders::of(surroundings);
    let paths: Vec<PathBuf> = std::iter::once(surroundings.folder.join("assay.toml"))
        .chain(folders.config.map(|folder| folder.join("assay").join("config.toml")))
        .collect();
    let mut files = Vec::with_capacity(paths.len());
    let mut read_files = Vec::with_capacity(paths.len());
    for path in paths {
        let found = file::read(&path)?;
        files.push((path, found.is_some()));
        read_files.extend(found);
    }
    let mut settings = Vec::with_capacity(KEYS.len());
    for key in KEYS {
        let name = key.variable();
        if key.stands == Stands::Workspace {
            settings.push(Setting { key, value: None, origin: Origin::BuiltIn });
            continue;
        }
        let (value, origin) = if let Some(value) = (surroundings.variable)(&name).filter(|v| !v.is_empty()) {
            let told = value.to_string_lossy();
            let value = (key.check)(&told).map_err(|expected| wrong(key, &told, &expected, &name))?;
            (Some(key.placed(value, &surroundings.folder)), Origin::Variable(name))
        } else if let Some(entry) = read_files.iter().find_map(|f| f.iter().find(|e| e.key.name == key.name)) {
            (Some(entry.value.clone()), Origin::File { path: entry.path.clone(), line: entry.line })
        } else {
            (key.built_in.map(str::to_owned), Origin::BuiltIn)
        };
        settings.push(Setting { key, value, origin });
    }
    let mut config = Config { settings, files, unknown: unknown(&surroundings.variables) };
    if config.get("workspace").value.is_none() {
        let usual = folders.data.map(|folder| folder.join("assay").join("assay.db").display().to_string());
        config.get_mut("workspace").value = usual;
    }
    Ok(config)
}

/// The settings that hold where this program was started.
///
/// # Errors
/// As [`read`].
pub fn of_this_process() -> Result<Config, ConfigProblem> {
    let variable = |name: &str| std::env::var_os(name);
    read(&Surroundings {
        variable: &variable,
        variables: std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()).collect(),
        folder: std::env::current_dir().unwrap_or_default(),
    })
}

impl Config {
    /// The setting of a key.
    ///
    /// # Panics
    /// If there is no such key.
    pub fn get(&self, key: &str) -> &Setting {
        let at = KEYS.iter().position(|k| k.name == key);
        &self.settings[at.unwrap_or_else(|| unreachable!("a key of the table: {key}"))]
    }

    fn get_mut(&mut self, key: &str) -> &mut Setting {
        let at = KEYS.iter().position(|k| k.name == key);
        &mut self.settings[at.unwrap_or_else(|| unreachable!("a key of the table: {key}"))]
    }

    /// The value of a key, if it has one.
    ///
    /// # Panics
    /// If there is no such key.
    pub fn value(&self, key: &str) -> Option<&str> {
        self.get(key).value.as_deref()
    }

    /// The value of a key, if somebody set it.
    ///
    /// # Panics
    /// If there is no such key.
    pub fn set(&self, key: &str) -> Option<&str> {
        self.value(key).filter(|_| self.get(key).origin != Origin::BuiltIn)
    }

    /// Puts what a flag says above all else. The value was checked with the flag.
    ///
    /// # Panics
    /// If there is no such key.
    pub fn overrule(&mut self, key: &str, flag: &'static str, value: String) {
        let setting = self.get_mut(key);
        setting.value = Some(value);
        setting.origin = Origin::Flag(flag);
    }

    /// Lays what stands in a workspace over what stands in files; variables and flags go before it.
    ///
    /// # Errors
    /// If a value does not fit its key.
    pub fn take_workspace(&mut self, path: &Path, kept: &[(String, String)]) -> Result<(), ConfigProblem> {
        for (name, told) in kept {
            let Some(key) = KEYS.iter().find(|k| k.name == name && k.stands != Stands::Outside) else { continue };
            let setting = self.get_mut(key.name);
            if matches!(setting.origin, Origin::Flag(_) | Origin::Variable(_)) {
                continue;
            }
            let place = format!("the workspace {}", path.display());
            setting.value = Some((key.check)(told).map_err(|expected| wrong(key, told, &expected, &place))?);
            setting.origin = Origin::Workspace(path.to_owned());
        }
        Ok(())
    }

    /// The workspace file; `None` where neither a setting nor a home folder tells.
    pub fn workspace(&self) -> Option<PathBuf> {
        self.value("workspace").map(PathBuf::from)
    }
}

/// Where a user's settings and data are kept, by the XDG base directory specification; relative paths in its variables count
/// as not set, as it says.
struct Folders {
    config: Option<PathBuf>,
    data: Option<PathBuf>,
}

impl Folders {
    fn of(surroundings: &Surroundings<'_>) -> Self {
        let absolute = |name: &str| (surroundings.variable)(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let home = absolute("HOME").or_else(|| absolute("USERPROFILE"));
        let under = |folder: &str| home.as_ref().map(|home| home.join(folder));
        Self {
            config: absolute("XDG_CONFIG_HOME").or_else(|| absolute("APPDATA")).or_else(|| under(".config")),
            data: absolute("XDG_DATA_HOME").or_else(|| absolute("LOCALAPPDATA")).or_else(|| under(".local/share")),
        }
    }
}

fn wrong(key: &Key, told: &str, expected: &str, place: &str) -> ConfigProblem {
    ConfigProblem {
        message: format!("{}: expected {expected}, found {} in {place}", key.name, assay_model::quote(told)),
        hint: format!("mend it there, or take it away; {}", key.meaning),
    }
}

/// The key of a name as people write it: `no_color`, `No-Color`.
pub fn find(name: &str) -> Option<&'static Key> {
    let name = name.to_lowercase().replace('_', "-");
    KEYS.iter().find(|key| key.name == name)
}

/// The key whose name comes nearest, if any comes near.
fn nearest(name: &str) -> Option<&'static str> {
    let name = name.to_lowercase().replace('_', "-");
    let far = |key: &Key| if name.starts_with(key.name) { 1 } else { distance(&name, key.name) };
    let best = KEYS.iter().filter(|key| key.stands != Stands::Workspace).min_by_key(|key| far(key))?;
    (far(best) <= best.name.len().div_ceil(2)).then_some(best.name)
}

/// How many letters must be put in, taken out or changed to make one word of the other (Levenshtein 1966).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = i;
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let changed = corner + usize::from(x != *y);
            corner = row[j + 1];
            row[j + 1] = changed.min(corner + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

/// Variables that begin as ours do and name no key.
fn unknown(variables: &[String]) -> Vec<(String, Option<&'static str>)> {
    let ours = variables.iter().filter(|name| name.starts_with("ASSAY_"));
    let mut unknown: Vec<_> = ours
        .filter(|name| KEYS.iter().all(|key| key.stands == Stands::Workspace || key.variable() != **name))
        .map(|name| (name.clone(), nearest(&name["ASSAY_".len()..])))
        .collect();
    unknown.sort();
    unknown
}

/// A path as it stands in a file or a variable, seen from the folder that it counts from.
fn placed(path: &str, folder: &Path) -> String {
    folder.join(path).display().to_string()
}

#[cfg(test)]
mod tests;
