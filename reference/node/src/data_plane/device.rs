//! A TUN device: IP packets of this host's kernel, without a link layer.

use std::fs;
use std::io;

use tun_rs::{AsyncDevice, DeviceBuilder};

use super::AT_ONCE;

/// An open device. It goes with this value, and its addresses and routes go with it, however the program ends.
pub struct Device {
    device: AsyncDevice,
    name: String,
    buffer: Box<[u8]>,
}

impl Device {
    /// Makes a device that is up and has no address, not even a link-local one. Takes the right to administer networks,
    /// and a tokio runtime.
    ///
    /// # Errors
    /// What the system refused.
    pub fn open(name: Option<&str>, mtu: u16) -> io::Result<Self> {
        let builder = DeviceBuilder::new().enable(false).mtu(mtu);
        let device = name.into_iter().fold(builder, DeviceBuilder::name).build_async()?;
        let name = device.name()?;
        speak_only_when_asked(&name);
        device.enabled(true)?;
        Ok(Self { device, name, buffer: vec![0; LARGEST].into_boxed_slice() })
    }

    /// As `ip link` shows it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// As netlink knows it.
    ///
    /// # Errors
    /// The device is gone.
    pub fn index(&self) -> io::Result<u32> {
        self.device.if_index()
    }

    /// Says how large packets may be. The kernel tells its own senders, and those that it forwards for (Packet Too Big,
    /// Fragmentation Needed).
    ///
    /// # Errors
    /// What the system refused.
    pub fn set_mtu(&self, mtu: u16) -> io::Result<()> {
        if self.device.mtu()? == mtu { Ok(()) } else { self.device.set_mtu(mtu) }
    }

    /// Waits for a packet from this host, then takes what else is there. May be dropped while it waits.
    ///
    /// # Errors
    /// The device is gone.
    pub async fn receive(&mut self) -> io::Result<Vec<Vec<u8>>> {
        let mut batch = Vec::new();
        let length = self.device.recv(&mut self.buffer).await?;
        batch.extend(self.buffer.get(..length).map(<[u8]>::to_vec));
        while batch.len() < AT_ONCE
            && let Ok(length) = self.device.try_recv(&mut self.buffer)
        {
            batch.extend(self.buffer.get(..length).map(<[u8]>::to_vec));
        }
        Ok(batch)
    }

    /// Gives this host a packet.
    ///
    /// # Errors
    /// It is no IP packet to the kernel, or the kernel has no room.
    pub fn send(&self, packet: &[u8]) -> io::Result<()> {
        self.device.try_send(packet).map(drop)
    }
}

const LARGEST: usize = 65_535;

/// Neighbours and routers are not looked for in a tunnel. What this cannot switch off, the machines drop.
fn speak_only_when_asked(name: &str) {
    for (setting, value) in [("addr_gen_mode", "1"), ("accept_ra", "0"), ("router_solicitations", "0")] {
        let _ = fs::write(format!("/proc/sys/net/ipv6/conf/{name}/{setting}"), value);
    }
}
