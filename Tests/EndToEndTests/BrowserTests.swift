import Foundation
import Support
import Testing

/// The report's page as a reader's browser shows it: Debian's `chromium`, which `./scripts/test` installs.
@Suite(
  "The report in a browser",
  .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/chromium"), "chromium is not there"))
struct BrowserTests {
  private let scratch = Scratch()

  private func report(identity: String, _ name: String) -> Outcome {
    Program.run([
      Program.nexoVerify, "verify-blob", "--bundle", Program.demo + "/bundle.json", "--trusted-root",
      Program.demo + "/trusted_root.json", "--certificate-identity", identity, "--certificate-oidc-issuer",
      "https://token.actions.githubusercontent.com", "--report", scratch.path + "/" + name,
      Program.demo + "/artifact.txt",
    ])
  }

  private func browse(_ name: String, _ more: [String]) -> Outcome {
    Program.run(
      [
        "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
        "--disable-background-networking", "--user-data-dir=" + scratch.path + "/profile", "--enable-logging=stderr",
        "--window-size=1000,2400",
      ] + more + ["file://" + scratch.path + "/" + name],
      environment: ["HOME": scratch.path, "XDG_RUNTIME_DIR": scratch.path])
  }

  @Test("shows every section, with nothing to complain of, by day and by night", arguments: [true, false])
  func shown(isGood: Bool) throws {
    let identity = "https://github.com/example/plugin/.github/workflows/release.yml@refs/tags/v1.0.0"
    let name = isGood ? "yes.html" : "no.html"
    #expect(report(identity: isGood ? identity : identity + "1", name).status == (isGood ? 0 : 1))
    let dom = browse(name, ["--dump-dom"])
    #expect(dom.status == 0)
    for id in ["verdict", "facts", "chain", "times", "log", "checks", "command"] {
      #expect(dom.standardOutput.contains("id=\"\(id)\""), "\(id)")
    }
    #expect(dom.standardOutput.contains(isGood ? "<h1>Verified</h1>" : "<h1>Refused</h1>"))
    #expect(!dom.standardError.contains("CONSOLE"), "\(dom.standardError)")
    var pictures: Set<Data> = []
    for scheme in ["0", "1"] {
      let picture = scratch.path + "/\(scheme).png"
      let shot = browse(name, ["--screenshot=" + picture, "--blink-settings=preferredColorScheme=" + scheme])
      #expect(shot.status == 0)
      let data = try #require(FileManager.default.contents(atPath: picture))
      #expect(data.count > 50_000, "an empty page has less")
      pictures.insert(data)
    }
    #expect(pictures.count == 2, "the two schemes differ")
  }
}
