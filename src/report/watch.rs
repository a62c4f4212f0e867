//! What a watch tells: lines of a log for people and for programs, figures
//! for Prometheus, and one line of health for a probe.

mod figures;
mod notice;

pub use figures::{Figures, Health, InForce, health, metrics};
pub use notice::{Event, Field, Level, LogForm, Notice, log};
