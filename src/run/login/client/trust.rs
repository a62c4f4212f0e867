//! Whom TLS trusts: the public authorities, or those in a file.

use super::super::super::Stop;
use crate::manifest::{self, OwnerCheck};
use anyhow::{Context as _, anyhow};
use rustls::RootCertStore;
use std::path::Path;
use std::sync::Arc;
use ureq::tls::{PemItem, RootCerts, parse_pem};

/// Largest file of certificate authorities, in bytes.
const MAX_CACERT: u64 = 8 * 1024 * 1024;

/// Whom TLS trusts.
#[derive(Debug, Clone)]
pub(in super::super) struct Trust(RootCerts);

impl Trust {
    /// The public authorities, as they were when this was built.
    pub(in super::super) fn public() -> Self {
        Self(RootCerts::WebPki)
    }

    /// What helps where a certificate is signed by somebody else.
    pub(super) fn hint(&self) -> &'static str {
        match self.0 {
            RootCerts::Specific(_) => {
                "the file of --cacert holds other authorities: name that of the one that signed \
                 the server's certificate"
            }
            _ => "name the file of an authority of your own with --cacert",
        }
    }

    pub(super) fn roots(&self) -> RootCerts {
        self.0.clone()
    }

    /// The authorities in a file, and no other.
    pub(in super::super) fn of_file(path: &Path, owners: OwnerCheck) -> Result<Self, Stop> {
        let refused = || format!("cannot trust the authorities in `{}`", path.display());
        let bytes = manifest::read_file(path, MAX_CACERT, owners)
            .map_err(|error| anyhow!(error))
            .with_context(refused)?;
        let mut certificates = Vec::new();
        for item in parse_pem(&bytes) {
            match item {
                Ok(PemItem::Certificate(certificate)) => certificates.push(certificate),
                // A key beside them is not ours to use.
                Ok(_) => {}
                Err(_) => return Err(anyhow!("it is no valid PEM").context(refused()).into()),
            }
        }
        let found = certificates.iter().map(|c| c.der().to_vec().into());
        let (usable, broken) = RootCertStore::empty().add_parsable_certificates(found);
        match (usable, broken) {
            (0, 0) => Err(anyhow!("it holds no certificate").context(refused()).into()),
            (0, _) => Err(anyhow!("none of its certificates can be read")
                .context(refused())
                .into()),
            (_, _) => Ok(Self(RootCerts::Specific(Arc::new(certificates)))),
        }
    }
}
