//! Tables for `Plan::between`: what is wanted and bytes on disk in, the plan
//! as one line out. The bytes go through `codec`, so that its reading of them
//! is part of every row.

mod shown;
mod world;

mod apps;
mod compare;
mod group;
mod guard;
mod hold;
mod host;
mod outcome;
mod token;
mod unlisted;
mod unrecorded;
