//! Chromium without a window, driven by its debugging protocol: JSON messages
//! that end in a zero byte, over two pipes that it finds as descriptors 3 and
//! 4. A shell puts them there.

use base64::Engine as _;
use serde_json::{Value, json};
use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// How long an answer may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// The name of a browser on this machine; without one, says that the test is
/// skipped.
pub(crate) fn installed() -> Option<&'static str> {
    let runs = |name: &&str| {
        let version = Command::new(*name).arg("--version").output();
        version.is_ok_and(|output| output.status.success())
    };
    let found = NAMES.into_iter().find(|name| runs(name));
    if found.is_none() {
        let names = NAMES.join(", ");
        // Not `eprintln!`, which is shown of failed tests only.
        writeln!(
            std::io::stderr(),
            "browser: SKIPPED: none of {names} runs here (apt install chromium)"
        )
        .ok();
    }
    found
}

/// A running browser with one open page.
pub(crate) struct Browser {
    process: Child,
    to: File,
    from: Receiver<Value>,
    session: Option<String>,
    last_id: u64,
    /// What the page said on its console, and what went wrong in it.
    pub(crate) console: Vec<String>,
    _folder: tempfile::TempDir,
}

impl Browser {
    pub(crate) fn start(name: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |file: &str| folder.path().join(file);
        let made = Command::new("mkfifo")
            .args([path("to"), path("from")])
            .status();
        assert!(made.unwrap().success());
        let process = Command::new("sh")
            .arg("-c")
            .arg("exec \"$0\" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run --hide-scrollbars --force-color-profile=srgb --remote-debugging-pipe --user-data-dir=\"$1/profile\" about:blank 3<\"$1/to\" 4>\"$1/from\"")
            .args([Path::new(name), folder.path()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // In the order in which the shell opens them.
        let to = File::options().write(true).open(path("to")).unwrap();
        let from = File::open(path("from")).unwrap();
        let (send, receive) = channel();
        std::thread::spawn(move || {
            let mut reader = BufReader::new(from);
            let mut message = Vec::new();
            while reader.read_until(0, &mut message).is_ok_and(|n| n > 0) {
                message.pop();
                let Ok(value) = serde_json::from_slice(&message) else {
                    return;
                };
                if send.send(value).is_err() {
                    return;
                }
                message.clear();
            }
        });
        let mut browser = Self {
            process,
            to,
            from: receive,
            session: None,
            last_id: 0,
            console: Vec::new(),
            _folder: folder,
        };
        let target = browser.call("Target.createTarget", &json!({ "url": "about:blank" }));
        let attached = browser.call(
            "Target.attachToTarget",
            &json!({ "targetId": target["targetId"], "flatten": true }),
        );
        browser.session = Some(attached["sessionId"].as_str().unwrap().to_owned());
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{domain}.enable"), &json!({}));
        }
        browser
    }

    /// Calls one method and returns its result. What the page says meanwhile
    /// is kept.
    pub(crate) fn call(&mut self, method: &str, parameters: &Value) -> Value {
        self.last_id += 1;
        let mut message = json!({ "id": self.last_id, "method": method, "params": parameters });
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        self.to.write_all(&bytes).unwrap();
        loop {
            let answer = self.next();
            if answer["id"] == self.last_id {
                assert!(answer["error"].is_null(), "{method}: {answer}");
                return answer["result"].clone();
            }
        }
    }

    fn next(&mut self) -> Value {
        let message = self.from.recv_timeout(PATIENCE);
        let message = message.expect("the browser answers in time");
        match message["method"].as_str() {
            Some("Runtime.exceptionThrown" | "Log.entryAdded" | "Runtime.consoleAPICalled") => {
                self.console.push(message["params"].to_string());
            }
            Some("Page.javascriptDialogOpening") => {
                self.console.push("a dialog opened".to_owned());
                let dialog = json!({ "accept": false });
                self.call("Page.handleJavaScriptDialog", &dialog);
            }
            Some("Network.requestWillBeSent") => {
                let url = message["params"]["request"]["url"].as_str().unwrap();
                if !url.starts_with("file:") && !url.starts_with("data:image/png;") {
                    self.console.push(format!("asks for {url}"));
                }
            }
            _ => {}
        }
        message
    }

    /// Opens a file and waits until all of it is loaded.
    pub(crate) fn open(&mut self, file: &Path, fragment: &str) {
        // From elsewhere: another fragment alone would not load it again.
        self.call("Page.navigate", &json!({ "url": "about:blank" }));
        let url = format!("file://{}{fragment}", file.display());
        self.call("Page.navigate", &json!({ "url": url }));
        while self.next()["method"] != "Page.loadEventFired" {}
        while self.value("location.href.startsWith('file:') && document.readyState") != "complete" {
        }
    }

    /// The value of an expression in the page. The page's own policy does not
    /// hold for it.
    pub(crate) fn value(&mut self, expression: &str) -> Value {
        let parameters = json!({
            "expression": expression,
            "returnByValue": true,
            "awaitPromise": true,
        });
        let result = self.call("Runtime.evaluate", &parameters);
        assert!(
            result["exceptionDetails"].is_null(),
            "{expression}: {result}"
        );
        result["result"]["value"].clone()
    }

    /// What a person types: one key.
    pub(crate) fn press(&mut self, key: &str) {
        for kind in ["keyDown", "keyUp"] {
            let mut event = json!({ "type": kind, "key": key });
            if kind == "keyDown" && key.len() == 1 {
                event["text"] = json!(key);
            }
            self.call("Input.dispatchKeyEvent", &event);
        }
    }

    /// Sets `prefers-color-scheme`.
    pub(crate) fn set_scheme(&mut self, scheme: &str) {
        let feature = json!({ "name": "prefers-color-scheme", "value": scheme });
        self.call(
            "Emulation.setEmulatedMedia",
            &json!({ "features": [feature] }),
        );
    }

    /// A picture of the page from its top, as PNG.
    pub(crate) fn screenshot(&mut self, width: u32, height: u32) -> Vec<u8> {
        let metrics = json!({
            "width": width,
            "height": height,
            "deviceScaleFactor": 1,
            "mobile": false,
        });
        self.call("Emulation.setDeviceMetricsOverride", &metrics);
        // What comes into sight by this is only drawn with the next frame.
        let frames =
            "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))";
        self.call(
            "Runtime.evaluate",
            &json!({ "expression": frames, "awaitPromise": true }),
        );
        let picture = self.call("Page.captureScreenshot", &json!({ "format": "png" }));
        decoded(&picture["data"])
    }

    /// The page as it is printed, as PDF.
    pub(crate) fn print(&mut self) -> Vec<u8> {
        decoded(&self.call("Page.printToPDF", &json!({ "printBackground": true }))["data"])
    }
}

fn decoded(data: &Value) -> Vec<u8> {
    let standard = base64::engine::general_purpose::STANDARD;
    standard.decode(data.as_str().unwrap()).unwrap()
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
