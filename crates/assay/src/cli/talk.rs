//! What is said on stderr: notes, errors, and one line of progress.

use super::{TalkOptions, When};
use crate::pipeline::Step;
use crate::render::Colour;
use clap::ValueEnum;
use std::fmt::Write as _;
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// Work shorter than this shows no progress.
const QUIET_START: Duration = Duration::from_secs(1);
/// A step says how long it will still take once it has gone on for so long.
const FIRST_ESTIMATE: Duration = Duration::from_secs(2);
/// The line of progress is drawn at most this often.
const REDRAW: Duration = Duration::from_millis(100);
/// Columns of text where no terminal tells.
const TEXT_WIDTH: usize = 100;

/// How much is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Loudness {
    /// Errors only.
    Quiet,
    /// Notes too.
    Usual,
    /// Steps and their times too.
    Verbose,
}

/// The step that goes on.
#[derive(Debug, Clone, Copy)]
struct Going {
    step: Step,
    since: Instant,
    /// When its present pass began: a step of several passes counts from the start again in each.
    pass_since: Instant,
    /// How far it was when it last told.
    done: u64,
    /// The highest share of the pass told so far. What is still to do may turn out to be more than it seemed, but nothing that was
    /// done is undone; how long it still takes is told of what is known now.
    percent: u8,
}

impl Going {
    fn begin(step: Step, (done, total): (u64, u64), now: Instant) -> Self {
        Self { step, since: now, pass_since: now, done, percent: percent(done, total) }
    }

    /// Tells how far it is. Less done than before is another pass, of which the last one's time and share say nothing.
    fn tell(&mut self, (done, total): (u64, u64), now: Instant) {
        if done < self.done {
            self.pass_since = now;
            self.percent = 0;
        }
        self.done = done;
        self.percent = self.percent.max(percent(done, total));
    }
}

/// The voice on stderr. What cannot be said there is dropped: a lost note must not fail an audit.
#[derive(Debug)]
pub(super) struct Talk {
    loudness: Loudness,
    /// Whether the user allows colour; each stream must be a terminal besides.
    colour: bool,
    shows_progress: bool,
    started: Instant,
    going: Option<Going>,
    /// When the line of progress was drawn that stands on the terminal.
    drawn: Option<Instant>,
}

impl Talk {
    pub(super) fn new(options: &TalkOptions) -> Self {
        Self {
            loudness: match (options.quiet, options.verbose) {
                (true, _) => Loudness::Quiet,
                (_, true) => Loudness::Verbose,
                _ => Loudness::Usual,
            },
            colour: wants_colour(options),
            shows_progress: match options.progress {
                When::Always => true,
                When::Never => false,
                When::Auto => std::io::stderr().is_terminal() && !options.quiet,
            },
            started: Instant::now(),
            going: None,
            drawn: None,
        }
    }

    /// Whether text on stdout carries colour: on a terminal, unless the user wants none.
    pub(super) fn colour_on_stdout(&self) -> Colour {
        if self.colour && std::io::stdout().is_terminal() { Colour::Always } else { Colour::Never }
    }

    /// Columns of text on stdout: what COLUMNS says on a terminal, within reason, else [`TEXT_WIDTH`], so that what is
    /// written to files and pipes is the same everywhere.
    pub(super) fn width_of_stdout() -> usize {
        let columns = || std::env::var("COLUMNS").ok()?.parse::<usize>().ok();
        if std::io::stdout().is_terminal() { columns().map_or(TEXT_WIDTH, |c| c.clamp(60, 120)) } else { TEXT_WIDTH }
    }

    /// Says something of use that nobody needs, unless told to be quiet.
    pub(super) fn note(&mut self, text: &str) {
        if self.loudness > Loudness::Quiet {
            self.line("note", "36", text);
        }
    }

    /// Says something for those who asked for more.
    pub(super) fn detail(&mut self, text: &str) {
        if self.loudness == Loudness::Verbose {
            self.end_progress();
            say(&format!("{text}\n"));
        }
    }

    /// Says why the command failed, and what to do.
    pub(super) fn error(&mut self, message: &str, hint: Option<&str>) {
        self.line("error", "31", message);
        if let Some(hint) = hint {
            self.line("hint", "33", hint);
        }
    }

    /// Tells how far a step is; draws now and then.
    pub(super) fn step(&mut self, step: Step, done: u64, total: u64) {
        let now = Instant::now();
        let going = match &mut self.going {
            Some(going) if going.step == step => {
                going.tell((done, total), now);
                *going
            }
            _ => {
                self.end_step(now);
                *self.going.insert(Going::begin(step, (done, total), now))
            }
        };
        let due = self.drawn.is_none_or(|drawn| now - drawn >= REDRAW);
        if self.shows_progress && due && now - self.started >= QUIET_START {
            self.drawn = Some(now);
            // Carriage return and "erase to the end of the line": every terminal of this century knows them.
            say(&format!("\r\x1b[K{}", progress_line(&going, total, now - going.pass_since)));
        }
    }

    /// Takes the line of progress away.
    pub(super) fn end_progress(&mut self) {
        if self.drawn.take().is_some() {
            say("\r\x1b[K");
        }
    }

    /// Ends the last step, so that its time is told to those who asked for more.
    pub(super) fn end_steps(&mut self) {
        self.end_step(Instant::now());
        self.end_progress();
    }

    fn end_step(&mut self, now: Instant) {
        if let Some(Going { step, since, .. }) = self.going.take() {
            self.detail(&format!("{}: {:.2} s", step.say(), (now - since).as_secs_f64()));
        }
    }

    fn line(&mut self, label: &str, ansi: &str, text: &str) {
        self.end_progress();
        if self.colour && std::io::stderr().is_terminal() {
            say(&format!("\x1b[1;{ansi}m{label}:\x1b[0m {text}\n"));
        } else {
            say(&format!("{label}: {text}\n"));
        }
    }
}

/// The form of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ListFormat {
    Text,
    Json,
}

/// Whether the user allows colour: no `--no-color`, and no `NO_COLOR` (set and not empty: <https://no-color.org>).
fn wants_colour(options: &TalkOptions) -> bool {
    !options.no_color && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

fn progress_line(going: &Going, total: u64, elapsed: Duration) -> String {
    let mut line = going.step.say();
    if total > 0 {
        let _ = write!(line, "  {} %", going.percent);
        if let Some(left) = time_left(going.done.min(total), total, elapsed) {
            let _ = write!(line, ", {left} left");
        }
    }
    line
}

/// The share that is done, in whole percent.
fn percent(done: u64, total: u64) -> u8 {
    (100 * u128::from(done.min(total))).checked_div(u128::from(total)).unwrap_or(0) as u8
}

/// How long a step still takes if it goes on as it went so far; not before it has shown how it goes.
fn time_left(done: u64, total: u64, elapsed: Duration) -> Option<String> {
    if elapsed < FIRST_ESTIMATE || done < total / 50 || done == 0 {
        return None;
    }
    let seconds = (elapsed.as_secs_f64() * (total - done) as f64 / done as f64).ceil() as u64;
    Some(match seconds {
        0..90 => format!("about {seconds} s"),
        90..5_400 => format!("about {} min", seconds.div_ceil(60)),
        _ => format!("about {:.1} h", seconds as f64 / 3_600.0),
    })
}

fn say(text: &str) {
    let mut stderr = std::io::stderr().lock();
    let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
}

#[cfg(test)]
mod tests {
    use super::{Going, progress_line};
    use crate::pipeline::Step;
    use std::time::{Duration, Instant};

    /// A first pass of a hundred seconds says nothing of the second, which has gone on for ten.
    #[test]
    fn a_step_that_counts_from_the_start_again_is_estimated_anew_and_timed_as_a_whole() {
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        let mut going = Going::begin(Step::Reading, (10, 1_000), start);
        for (done, seconds) in [(500, 50), (500, 60), (1_000, 100)] {
            going.tell((done, 1_000), after(seconds));
            assert_eq!(going.pass_since, start);
        }
        going.tell((10, 1_000), after(100));
        going.tell((400, 1_000), after(110));
        assert_eq!((going.since, going.pass_since), (start, after(100)));
        let line = progress_line(&going, 1_000, after(110) - going.pass_since);
        assert_eq!(line, format!("{}  40 %, about 15 s left", Step::Reading.say()));
    }

    /// Half of what is to do is done after ten seconds; then four times as much turns out to be to do.
    #[test]
    fn the_share_never_falls_while_the_time_left_is_that_of_what_is_known_now() {
        let start = Instant::now();
        let mut going = Going::begin(Step::Reading, (0, 1_000), start);
        let mut line = |done, total, seconds| {
            let elapsed = Duration::from_secs(seconds);
            going.tell((done, total), start + elapsed);
            progress_line(&going, total, elapsed)
        };
        let begin = Step::Reading.say();
        assert_eq!(line(500, 1_000, 10), format!("{begin}  50 %, about 10 s left"));
        assert_eq!(line(1_000, 4_000, 20), format!("{begin}  50 %, about 60 s left"));
        assert_eq!(line(3_000, 4_000, 60), format!("{begin}  75 %, about 20 s left"));
    }

    #[test]
    fn progress_tells_the_share_and_the_time_left_once_it_can() {
        let line = |done, seconds| {
            let going = Going::begin(Step::Reading, (done, 1_000), Instant::now());
            progress_line(&going, 1_000, Duration::from_secs(seconds))
        };
        let begin = Step::Reading.say();
        assert_eq!(line(400, 1), format!("{begin}  40 %"));
        assert_eq!(line(10, 30), format!("{begin}  1 %"));
        assert_eq!(line(400, 20), format!("{begin}  40 %, about 30 s left"));
        assert_eq!(line(250, 100), format!("{begin}  25 %, about 5 min left"));
        assert_eq!(line(100, 3_600), format!("{begin}  10 %, about 9.0 h left"));
        assert_eq!(line(2_000, 20), format!("{begin}  100 %, about 0 s left"));
    }
}
