//! The reference MN, HAC and HA at work: sockets, TLS, clock and files around the machines of `proto`.
//!
//! | Role | Shell | Program |
//! | --- | --- | --- |
//! | HAC | [`hac_server`]: TLS connections in front of one machine | `mip6-hac` |
//! | HA | [`ha_server`]: one UDP socket in front of one machine | `mip6-ha`, or in `mip6-hac --collocate-ha` |
//! | MN | [`mobile_node`]: a TLS connection and a UDP socket around one machine | `mip6-mn` |
//!
//! HAC and HA meet in [`sa_feed`]. [`home`] runs both on a thread of their own; [`cli`] is what the programs do,
//! [`config`] what they can be told. No other crate of the workspace knows tokio.

#![forbid(unsafe_code)]

pub mod bound;
pub mod certificate;
pub mod cli;
pub mod config;
pub mod data_plane;
pub mod echo;
pub mod ha_server;
pub mod hac_link;
pub mod hac_server;
pub mod home;
pub mod host;
pub mod mobile_node;
pub mod sa_feed;
pub mod sa_file;
pub mod sa_log;
pub mod settings;
pub mod statistics;
pub mod tls;
