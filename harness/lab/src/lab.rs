//! A lab that stands, until it is dropped.

use std::ffi::OsStr;
use std::process::{Child, Command};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::ip::{IpError, ip};
use crate::plan::{Link, Masquerade, Plan};

/// Tells labs of one process apart.
static LABS: AtomicU32 = AtomicU32::new(0);

/// Namespaces, links and the programs in them.
#[derive(Debug)]
pub struct Lab {
    plan: Plan,
    prefix: String,
    /// Namespaces made so far.
    namespaces: Vec<String>,
    programs: Vec<Child>,
}

impl Lab {
    /// Builds what the plan says. Nothing is left behind when that fails.
    ///
    /// # Errors
    /// What `ip` refused.
    pub fn set_up(plan: Plan) -> Result<Self, IpError> {
        let number = LABS.fetch_add(1, Ordering::Relaxed);
        let prefix = format!("mip6-{}-{number}-{}", std::process::id(), plan.name);
        // From here on dropping it takes away what was built.
        let mut lab = Self { plan, prefix, namespaces: Vec::new(), programs: Vec::new() };
        for node in lab.plan.nodes.clone() {
            let namespace = lab.namespace(&node);
            ip(&["netns", "add", &namespace])?;
            lab.namespaces.push(namespace.clone());
            ip(&["-n", &namespace, "link", "set", "lo", "up"])?;
        }
        for link in &lab.plan.links {
            lab.join(link)?;
        }
        for node in &lab.plan.forwarding {
            lab.forward(node)?;
        }
        for setup in &lab.plan.setups {
            lab.ip(&setup.node, &setup.ip)?;
        }
        for nat in &lab.plan.masquerades {
            lab.masquerade(nat)?;
        }
        Ok(lab)
    }

    fn join(&self, Link { ends: [left, right] }: &Link) -> Result<(), IpError> {
        let (in_left, in_right) = (self.namespace(&left.node), self.namespace(&right.node));
        let (to_left, to_right) = (format!("to-{}", left.node), format!("to-{}", right.node));
        // Made where they belong, so that their names meet no other.
        ip(&[
            "link", "add", "name", &to_right, "netns", &in_left, "type", "veth", "peer", "name", &to_left,
            "netns", &in_right,
        ])?;
        for (namespace, interface, address) in
            [(&in_left, &to_right, &left.address), (&in_right, &to_left, &right.address)]
        {
            // Nobody else has the address; to ask first takes a second.
            let nodad: &[&str] = if address.contains(':') { &["nodad"] } else { &[] };
            ip(&[&["-n", namespace, "addr", "add", address, "dev", interface], nodad].concat())?;
            ip(&["-n", namespace, "link", "set", interface, "up"])?;
        }
        Ok(())
    }

    /// Calls `ip` inside a node.
    ///
    /// # Errors
    /// What it refused.
    pub fn ip(&self, node: &str, calls: &[String]) -> Result<(), IpError> {
        let namespace = self.namespace(node);
        calls.iter().try_for_each(|call| {
            let call: Vec<&str> = call.split_whitespace().collect();
            ip(&[&["-n", &namespace][..], &call].concat()).map(drop)
        })
    }

    /// `ip netns exec` gives the node a /proc/sys of its own.
    fn forward(&self, node: &str) -> Result<(), IpError> {
        let script =
            "echo 1 >/proc/sys/net/ipv4/ip_forward && echo 1 >/proc/sys/net/ipv6/conf/all/forwarding";
        ip(&["netns", "exec", &self.namespace(node), "sh", "-c", script]).map(drop)
    }

    fn masquerade(&self, nat: &Masquerade) -> Result<(), IpError> {
        let rules = format!(
            "table ip mip6 {{ chain out {{ type nat hook postrouting priority 100; oifname \"{}\" masquerade; }}; }}",
            nat.interface
        );
        ip(&["netns", "exec", &self.namespace(&nat.node), "nft", &rules]).map(drop)
    }

    /// What it was built from.
    #[must_use]
    pub const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The namespace of a node, as `ip netns` names it.
    #[must_use]
    pub fn namespace(&self, node: &str) -> String {
        format!("{}-{node}", self.prefix)
    }

    /// A program to be run in a node; whoever starts it by itself ends it, too.
    #[must_use]
    pub fn command(&self, node: &str, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.namespace(node)]).arg(program);
        command
    }

    /// Starts a program that runs until the lab is dropped.
    ///
    /// # Errors
    /// It does not start.
    pub fn start(&mut self, mut command: Command) -> Result<&mut Child, IpError> {
        self.programs.push(command.spawn()?);
        let newest = self.programs.len() - 1;
        Ok(&mut self.programs[newest])
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        // What is gone already cannot be ended twice, and nobody is left to be told.
        for program in &mut self.programs {
            let _ = program.kill();
            let _ = program.wait();
        }
        for namespace in &self.namespaces {
            // The links go with the namespaces.
            let _ = ip(&["netns", "del", namespace]);
        }
    }
}
