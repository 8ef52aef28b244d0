//! The built program from outside: exit codes, streams, outputs, help.

mod audit;
mod audit_workspace;
mod conditions;
mod config;
mod conversations;
mod customers;
mod experiment;
mod experiment_assign;
mod experiment_bundle;
mod experiment_geo;
mod experiment_history;
mod experiment_kept;
mod experiment_plan;
mod experiment_sealed;
mod exports;
mod files;
mod graphs;
mod help;
#[cfg(unix)]
mod interrupt;
mod ltv;
mod metrics;
mod pages;
mod program;
mod reach;
mod reach_acceptance;
mod reach_edges;
mod reach_experiment;
mod reach_reading;
mod rings;
#[expect(clippy::unwrap_used, clippy::panic, reason = "a checker of schemas that is of tests alone")]
#[path = "../../src/render/schema.rs"]
mod schema;
mod simulate;
mod tables;
mod workspace;
mod workspace_forms;
mod workspace_schemas;
mod workspace_settings;
mod workspaces;
