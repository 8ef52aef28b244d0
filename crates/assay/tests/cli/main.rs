//! The built program from outside: exit codes, streams, outputs, help.

mod audit;
mod conditions;
mod files;
mod help;
mod pages;
mod program;
