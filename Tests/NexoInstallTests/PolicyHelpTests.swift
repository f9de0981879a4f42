import Foundation
import Support
import Testing
import VirtualSigstore

@testable import NexoInstall

@Suite("Help with the trust policy")
struct PolicyHelpTests {
  private static let workflow = "https://github\\.com/owner/plugin/\\.github/workflows/release\\.yml"
  private static let path = "plugin/\\.github/workflows/release\\.yml"

  private func codes(_ entries: String) throws -> [String] {
    PolicyLint(try TrustedKeys(parsing: Array(entries.utf8), path: "x")).findings.map(\.code.rawValue)
  }

  private func entry(_ pattern: String, owner: String = "owner", more: String = "") -> String {
    "[[authors]]\nowner = \"\(owner)\"\nidentity_regexp = '\(pattern)'\n\(more)\n"
  }

  // MARK: lint

  @Test("is silent about a policy that names one workflow at its tags")
  func silent() throws {
    #expect(try codes(entry("^\(Self.workflow)@refs/tags/v.*$")) == [])
    #expect(try codes(entry("^\(Self.workflow)@refs/tags/v[0-9]+\\.[0-9]+\\.[0-9]+$")) == [])
    #expect(
      try codes(entry("^https://github\\.com/owner/[^/]+/\\.github/workflows/release\\.yml@refs/tags/v.*$")) == [])
    #expect(try codes(entry("^\(Self.workflow)@refs/heads/(main|master)$")) == [])
    #expect(
      try codes(entry("^https://github\\.com/owner/p\\w+/\\.github/workflows/release\\.yml@refs/tags/v\\d+$")) == [])
    #expect(try codes("") == [])
    #expect(try codes(SampleRelease().trustedKeys()) == [])
    // Another provider names its signers otherwise; nothing is known about them.
    #expect(try codes(entry("^https://gitlab\\.com/x$", more: "oidc_issuer = \"https://gitlab.com\"")) == [])
  }

  @Test(
    "finds what lets in more than was meant",
    arguments: [
      (
        "github.com/owner",
        ["policy.notAnchored", "policy.bareDot", "policy.otherOwner", "policy.anyWorkflow", "policy.anyBranch"]
      ),
      (
        "^https://github.com/owner/.*$",
        ["policy.bareDot", "policy.otherOwner", "policy.anyWorkflow", "policy.anyBranch"]
      ),
      ("^https://github\\.com/owner/.*$", ["policy.anyWorkflow", "policy.anyBranch"]),
      ("^https://github\\.com/owner.*/plugin/\\.github/workflows/release\\.yml@refs/tags/v.*$", ["policy.otherOwner"]),
      ("^\(workflow)@.*$", ["policy.anyBranch"]),
      ("^https://github\\.com/owner/plugin/\\.github/workflows/.*@refs/tags/v.*$", ["policy.anyWorkflow"]),
      ("^\(workflow)@refs/(tags|heads)/.*$", ["policy.anyBranch"]),
      (
        "^https://github\\.com/other/plugin/\\.github/workflows/release\\.yml@refs/tags/v.*$", ["policy.matchesNothing"]
      ),
      ("\(workflow)@refs/tags/v.*$", ["policy.notAnchored", "policy.otherOwner"]),
      ("^https://github\\.com/(owner|evil-twin)/\(path)@refs/tags/v.*$", ["policy.otherOwner"]),
      ("^https://github\\.com/[a-z]{5}/\(path)@refs/tags/v.*$", ["policy.otherOwner"]),
      ("^https://github\\.com/o?wner/\(path)@refs/tags/v.*$", ["policy.otherOwner"]),
      ("^\(workflow)@refs/heads/v.*$", ["policy.anyBranch"]),
      ("^\(workflow)@refs/heads/[a-y]+$", ["policy.anyBranch"]),
    ])
  func finds(pattern: String, expected: [String]) throws {
    #expect(try codes(entry(pattern)) == expected)
  }

  @Test("finds a second entry of one owner")
  func duplicate() throws {
    let good = "^\(Self.workflow)@refs/tags/v.*$"
    #expect(try codes(entry(good) + entry(good)) == ["policy.duplicateOwner"])
    // Owners compare without case, patterns do not: this one matches nothing that GitHub writes for `OWNER`.
    #expect(
      try codes(entry(good) + entry(good, owner: "OWNER")) == ["policy.duplicateOwner", "policy.matchesNothing"])
  }

  @Test("the longest pattern costs no time worth speaking of")
  func long() throws {
    let words = (0..<90).map { "w\($0)[a-z]" }.joined()
    #expect(try codes(entry("^https://github\\.com/owner/\(words)$")) == ["policy.matchesNothing"])
  }

  @Test("ends with 0 in silence, with 1 where something was found")
  func command() throws {
    let sample = SampleRelease()
    let desk = try Desk([sample], trustedKeys: sample.trustedKeys())
    func lint(_ isJSON: Bool) -> Desk.Said {
      desk.run { PolicyCommands.lint(configFolder: desk.config, isJSON: isJSON, in: $0) }
    }
    #expect(lint(false).status == 0 && lint(false).messages == "")
    try desk.write("config/extensions/trusted_keys.toml", entry("github.com/owner"))
    #expect(lint(true).status == 1 && lint(true).kind == "PolicyFindings")
    #expect(lint(false).messages.contains("! owner: ") && lint(false).messages.contains("(policy.notAnchored)"))
    try desk.write("config/extensions/trusted_keys.toml", "x = 1")
    #expect(lint(true).kind == "TrustedKeysParse")
  }

  // MARK: test

  @Test("test says which entry decides, and why")
  func decides() throws {
    let sample = SampleRelease()
    let desk = try Desk([sample], trustedKeys: sample.trustedKeys())
    func test(_ name: String, issuer: String? = nil) -> Desk.Said {
      desk.run {
        PolicyCommands.test(name: name, issuer: issuer, configFolder: desk.config, isJSON: true, in: $0)
      }
    }
    let good = test(sample.identity)
    #expect(good.status == 0 && good.flag("matches") == true && good.text("mode") == "require")
    #expect(test("https://github.com/EXAMPLE/plugin/x").flag("matches") == false)
    #expect(test(sample.identity, issuer: "https://x").status == 1)
    #expect(test("https://github.com/nobody/plugin/x").error?.contains("nobody") == true)
    #expect(test("somebody@example.com").status == 1)
    #expect(test("https://github.com/").status == 1)
  }

  // MARK: suggest

  private func suggest(
    _ desk: Desk, _ coordinates: String = "example/plugin@v1.0.0", adds: Bool = false, log: RekorServer? = nil
  ) -> Desk.Said {
    var options = InstallOptions(coordinates: coordinates, configFolder: desk.config)
    options.target = "x86_64-unknown-linux-gnu"
    options.isJSON = true
    options.log = LogFlags(isOffline: log == nil, address: log?.address)
    return desk.run { SuggestCommand.run(options, adds: adds, in: $0) }
  }

  @Test("suggest verifies the release by the entry that it prints, and --add keeps what is there")
  func suggests() throws {
    var sample = SampleRelease()
    sample.shape = .newBundle
    let desk = try Desk([sample], trustedKeys: "# my own words\ndefault = \"warn\"")
    let said = suggest(desk, adds: true)
    #expect(said.status == 0, "\(said.output)")
    let text = try String(contentsOfFile: desk.config + "/extensions/trusted_keys.toml", encoding: .utf8)
    #expect(text.hasPrefix("# my own words\ndefault = \"warn\"\n\n[[authors]]\nowner = \"example\"\n"))
    #expect(desk.install { $0.requireSignature = true }.status == 0)
    #expect(desk.run { PolicyCommands.lint(configFolder: desk.config, isJSON: true, in: $0) }.status == 0)
    let again = suggest(desk, adds: true)
    #expect(again.status == 1 && again.error?.contains("already") == true)
    #expect(try String(contentsOfFile: desk.config + "/extensions/trusted_keys.toml", encoding: .utf8) == text)
  }

  @Test("a release that does not verify is suggested to nobody, and nothing is added")
  func refused() throws {
    var sample = SampleRelease()
    sample.shape = .newBundle
    sample.world = VirtualSigstore(seed: "a stranger's world")
    let desk = try Desk([sample], trustedKeys: "default = \"warn\"\n")
    try desk.write("config/extensions/trusted_root.json", VirtualSigstore().trustedRoot().rendered)
    let said = suggest(desk, adds: true)
    #expect(said.kind == "CosignFailed", "\(said.output)")
    #expect(
      try String(contentsOfFile: desk.config + "/extensions/trusted_keys.toml", encoding: .utf8)
        == "default = \"warn\"\n")
  }

  @Test("of a bundle file alone it says that nothing was verified, and adds nothing")
  func bundle() throws {
    let sample = SampleRelease()
    let desk = try Desk([sample])
    let path = desk.folder + "/x.bundle"
    try Data(sample.signed().bundle(.v0_3).bytes).write(to: URL(fileURLWithPath: path))
    let said = suggest(desk, path)
    #expect(said.status == 0 && said.flag("verified") == false && said.warnings.count == 1)
    #expect(said.text("authors_entry")?.contains("owner = \"example\"") == true)
    #expect(suggest(desk, path, adds: true).kind == "Usage")
    #expect(!FileManager.default.fileExists(atPath: desk.config + "/extensions/trusted_keys.toml"))
  }

  @Test("a certificate cannot write into the policy more than its own name")
  func injection() throws {
    var sample = SampleRelease()
    sample.shape = .newBundle
    var leaf = sample.workflowLeaf
    leaf.claims[1] = "https://x\"\nmode = \"ignore"
    leaf.claims[8] = "https://x\"\nmode = \"ignore"
    sample.leaf = leaf
    let desk = try Desk([sample])
    let path = desk.folder + "/x.bundle"
    try Data(sample.signed().bundle(.v0_3).bytes).write(to: URL(fileURLWithPath: path))
    #expect(suggest(desk, path).kind == "CosignFailed")
    #expect(suggest(desk, adds: true).status == 1)
    #expect(!FileManager.default.fileExists(atPath: desk.config + "/extensions/trusted_keys.toml"))
  }

  @Test("a release that only the log can prove is suggested by the log's answer, and not without it")
  func pair() throws {
    var sample = SampleRelease()
    sample.shape = .pair
    let desk = try Desk([sample])
    #expect(suggest(desk, adds: true).reason == "log.missing")
    let said = suggest(desk, adds: true, log: try RekorServer([sample.signed()]))
    #expect(said.status == 0, "\(said.output)")
    #expect(said.text("authors_entry")?.contains("release\\.yml@refs/tags/v") == true)
  }

  @Test("what the operator denies is suggested to nobody")
  func denied() throws {
    var sample = SampleRelease()
    sample.shape = .newBundle
    let desk = try Desk([sample])
    try desk.write("config/extensions/denied.toml", "[[denied]]\nrepository = \"example/plugin\"\nreason = \"r\"\n")
    #expect(suggest(desk, adds: true).reason == "policy.denied")
    #expect(!FileManager.default.fileExists(atPath: desk.config + "/extensions/trusted_keys.toml"))
  }

  @Test("--add keeps the file's mode, and a link to it")
  func place() throws {
    var sample = SampleRelease()
    sample.shape = .newBundle
    let desk = try Desk([sample])
    let (files, link) = (FileManager.default, desk.config + "/extensions/trusted_keys.toml")
    let target = desk.folder + "/policy/keys.toml"
    try desk.write("policy/keys.toml", "# mine\n")
    try files.setAttributes([.posixPermissions: 0o640], ofItemAtPath: target)
    try files.createSymbolicLink(atPath: link, withDestinationPath: "../../policy/keys.toml")
    #expect(suggest(desk, adds: true).status == 0)
    #expect(try files.destinationOfSymbolicLink(atPath: link) == "../../policy/keys.toml")
    #expect(try files.attributesOfItem(atPath: target)[.posixPermissions] as? Int == 0o640)
    #expect(try String(contentsOfFile: target, encoding: .utf8).hasPrefix("# mine\n\n[[authors]]\n"))
    #expect(try files.contentsOfDirectory(atPath: desk.folder + "/policy") == ["keys.toml"])
    try files.removeItem(atPath: target)
    let nowhere = suggest(desk, adds: true)
    #expect(nowhere.kind == "Io" && nowhere.error?.contains("cannot write") == true, "\(nowhere.output)")
    #expect(try files.contentsOfDirectory(atPath: desk.folder + "/policy") == [])
  }
}
