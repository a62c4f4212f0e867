//! A server, a manifest that changes much of it, and links on it that try to
//! run script in whoever looks at them: the page of the plan, as the binary
//! writes it.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Accounts on the server.
pub(crate) const USERS: usize = 40;

/// What hostile links are called. Each would set `owned` if it ran.
const HOSTILE: [&str; 4] = [
    "<img src=x onerror=\\\"window.owned=1\\\">",
    "</script><script>window.owned=1</script>",
    "\\\"><svg onload=window.owned=1>",
    "<!--<script>window.owned=1",
];

pub(crate) struct World {
    folder: tempfile::TempDir,
}

impl World {
    /// Applies one manifest, lays hostile links beside its own, and writes the
    /// page of a plan of another manifest to `plan.html`.
    pub(crate) fn new() -> Self {
        let world = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        fs::create_dir(world.path("root")).unwrap();
        let icons = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/acme/icons");
        for icon in fs::read_dir(icons).unwrap() {
            let icon = icon.unwrap();
            fs::copy(icon.path(), world.path(icon.file_name().to_str().unwrap())).unwrap();
        }
        let secrets = (0..USERS).map(|number| format!("user{number:02}: T0KEN-of-{number}\n"));
        fs::write(world.path("secrets.yaml"), secrets.collect::<String>()).unwrap();
        fs::write(world.path("before.yaml"), manifest(Version::Before)).unwrap();
        let applied = world.run(&["apply", "before.yaml", "--yes"]);
        assert!(applied.0 == 0, "{}", applied.1);
        for (number, label) in HOSTILE.into_iter().enumerate() {
            world.write_hostile(number, label);
        }
        fs::write(world.path("after.yaml"), manifest(Version::After)).unwrap();
        // The guard on new hosts refuses it, after it was written whole.
        let (code, page) = world.run(&["plan", "after.yaml", "--format", "html"]);
        assert_eq!(code, 3, "{page}");
        assert!(!page.contains("T0KEN"));
        fs::write(world.page(), page).unwrap();
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The file with the page.
    pub(crate) fn page(&self) -> PathBuf {
        self.path("plan.html")
    }

    fn run(&self, arguments: &[&str]) -> (i32, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_cplinks"))
            .args(arguments)
            .args(["--root", "root", "--secrets", "secrets.yaml"])
            .current_dir(self.folder.path())
            .env_clear()
            .output()
            .unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(error, "");
        let text = String::from_utf8(output.stdout).unwrap();
        (output.status.code().unwrap(), text)
    }

    fn write_hostile(&self, number: usize, label: &str) {
        let write = |path: String, text: String| fs::write(self.path(&path), text).unwrap();
        let app = format!("ACME_evil{number}");
        write(
            format!("root/links/user07/{app}.userconfig"),
            format!(
                r#"{{"label":"{label}","url":"javascript:window.owned=1","group_id":"{label}","{label}":"1"}}"#
            ),
        );
        write(
            format!("root/links/user07/{app}.adminconfig"),
            r#"{"token":"T0KEN-of-evil"}"#.to_owned(),
        );
        write(
            format!("root/dynamicui/user07/dynamicui_{app}.conf"),
            format!(
                r#"[{{"file":"{app}","description":"$LANG{{'{label}'}}","group":"{label}","base64_png_image":"PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+"}}]"#
            ),
        );
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Version {
    Before,
    After,
}

fn manifest(version: Version) -> String {
    let is_after = version == Version::After;
    let (label, icon, rule) = if is_after {
        ("Billing & Invoices", "upgrade.png", "hide-all")
    } else {
        ("Biling", "billing.png", "keep")
    };
    let mut text = format!(
        "version: 1
settings: {{ unlisted: {rule} }}
defaults: {{ group_id: acme }}
groups: {{ acme: {{ label: Acme Support, order: 1 }} }}
apps:
  ACME_billing:
    label: {label}
    implements: billing
    url: 'https://my.acme.example/billing?user={{{{ user }}}}'
    autologin_token_url: https://sso.acme.example/cpanel
    subscriber_unique_id: '{{{{ user }}}}'
    token: {{ secret: '{{{{ user }}}}' }}
    icon: {icon}
    order: 10
  ACME_status: {{ label: Service Status, implements: '', url: 'https://status.acme.example/', icon: status.png, order: 20 }}
  ACME_old: {{ label: Old Tickets, implements: '', url: 'https://old.acme.example/', icon: support.png }}
users:
"
    );
    for number in 0..USERS {
        write!(text, "  user{number:02}:\n    links:\n").unwrap();
        let billing = if is_after && number == 23 {
            "{ autologin_token_url: https://sso.acme-login.example/cpanel }"
        } else if is_after && number % 20 == 4 {
            "{ hide: true }"
        } else {
            "{}"
        };
        writeln!(text, "      ACME_billing: {billing}").unwrap();
        let old = if is_after && number < 3 {
            "absent"
        } else {
            "{}"
        };
        writeln!(text, "      ACME_old: {old}").unwrap();
        if is_after {
            writeln!(text, "      ACME_status: {{}}").unwrap();
        }
    }
    text
}
