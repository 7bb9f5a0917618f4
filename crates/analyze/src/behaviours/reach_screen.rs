use assay_model::{Layer, Severity};

use super::{Behaviour, Example, Pass};

pub(super) const BEHAVIOUR: Behaviour = Behaviour {
    id: "reach.screen",
    title: "takes pictures of the screen",
    severity: Severity::Medium,
    layer: Layer::Client,
    what: "What the screen or the windows of other programs show is captured.",
    why: "A picture of the screen holds whatever is open: mail, chats, customer data.",
    not: "A tool that helps by looking at the screen has to take a picture of it. A picture of a page in a browser that the tool itself runs does not count.",
    example: "const sources = await desktopCapturer.getSources({ types: [\"screen\"] });",
    reference: "https://www.w3.org/TR/screen-capture/",
    source: None,
    calls: &[
        "electron.desktopCapturer.getSources()",
        "navigator.mediaDevices.getDisplayMedia()",
        "?.getDisplayMedia()",
        "screenshot-desktop()",
        "screenshot-desktop.default()",
        "robotjs.screen.capture()",
        "pyautogui.screenshot()",
        "PIL.ImageGrab.grab()",
        "ImageGrab.grab()",
        "mss.mss()",
        "system::CGDisplayCreateImage()",
        "system::CGWindowListCreateImage()",
        "system::CGWindowListCreateImageFromArray()",
        "system::XGetImage()",
        "system::XShmGetImage()",
        "system::BitBlt()",
        "system::PrintWindow()",
    ],
    variables: &[],
    texts: &[
        "screencapture",
        "screencapture *",
        "gnome-screenshot*",
        "scrot",
        "scrot *",
        "import -window root*",
        "spectacle -b*",
        "xwd -root*",
        "*CopyFromScreen*",
        "CGWindowListCreateImage",
        "CGDisplayCreateImage",
    ],
    hosts: &[],
    told_by: &["screenshot", "screen capture"],
    pass: Pass::Patterns,
    positive: &[
        Example::js(
            "const { desktopCapturer } = require('electron'); desktopCapturer.getSources({ types: ['screen'] }).then(use);",
        ),
        Example::js(
            "var c=require('child_process');c.execFile('screencapture',['-x','/tmp/a.png'])",
        ),
        Example::file(
            "example.mjs",
            "export const watch = () => globalThis.navigator.mediaDevices.getDisplayMedia({ video: true });",
        ),
        Example::file(
            "example.ts",
            "import shot from 'screenshot-desktop';\nexport const take = async (): Promise<Buffer> => shot({ format: 'png' });",
        ),
        Example::file(
            "example.py",
            "import pyautogui\n\npyautogui.screenshot(\"a.png\")\n",
        ),
        Example::file("example.sh", "#!/bin/sh\nscrot /tmp/a.png\n"),
    ],
    negative: &[
        Example::js("await page.screenshot({ path: 'page.png' }); print(window.screen.width);"),
        Example::js(
            "const stream = await navigator.mediaDevices.getUserMedia({ audio: true }); const screen = new Screen(); screen.capture = stream;",
        ),
    ],
};
