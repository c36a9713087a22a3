//! What the dissector makes of captures: ours, made up, broken, and those of others.

mod annotated;
mod any_octets;
mod bare;
mod closing;
mod conversation;
mod esp;
mod formats;
mod growing_key_log;
mod headers;
mod ledger;
mod lossy;
mod made_up;
mod made_up_capture;
mod published;
mod requirement_ids;
#[path = "../shared/mod.rs"]
mod shared;
mod shared_captures;
mod stories;
mod streams;
mod trees;
mod tunnelled;
mod udp_checksums;
