import Foundation
import Support
import Testing
import VirtualSigstore

@testable import NexoInstall

@Suite("list, upgrade, remove, audit, fetch and check")
struct AdministrationTests {
  private static func shell(_ script: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", script]
    guard (try? process.run()) != nil else { return }
    process.waitUntilExit()
  }

  private static func list(_ desk: Desk, orphans: Bool = false, isJSON: Bool = true) -> Desk.Said {
    desk.run { ListCommand.run(configFolder: desk.config, includesOrphans: orphans, isJSON: isJSON, in: $0) }
  }

  private static func upgrade(
    _ desk: Desk, id: String = "my_plugin", isJSON: Bool = true, _ change: (inout UpgradeOptions) -> Void = { _ in }
  ) -> Desk.Said {
    var options = UpgradeOptions(id: id, configFolder: desk.config)
    options.isJSON = isJSON
    change(&options)
    return desk.run { UpgradeCommand.run(options, in: $0) }
  }

  private static func remove(_ desk: Desk, id: String = "my_plugin", purge: Bool = false, yes: Bool = true) -> Desk.Said
  {
    desk.run {
      RemoveCommand.run(
        id: id, configFolder: desk.config, purgesCache: purge, isConfirmed: yes, isJSON: true, in: $0)
    }
  }

  private static func audit(_ desk: Desk) -> Desk.Said {
    desk.run { AuditCommand.run(configFolder: desk.config, trust: TrustFlags(), isJSON: true, in: $0) }
  }

  // MARK: list

  @Test("list: the table, the object, and orphans only where they are asked for")
  func listing() throws {
    let sample = SampleRelease()
    let desk = try Desk([sample], trustedKeys: sample.trustedKeys())
    let empty = Self.list(desk, isJSON: false)
    #expect(empty.status == 0)
    #expect(empty.output == "")
    #expect(empty.messages == "(no plugins installed under 1 configured search path(s))\n")
    #expect(Self.list(desk).output == "{\"ok\":true,\"plugins\":[],\"warnings\":[]}\n")

    #expect(desk.install().status == 0)
    try desk.write("plugins/alpha-0.1.0/nexo-plugin.toml", SampleRelease.manifest(id: "alpha", version: "0.1.0"))
    try desk.write("plugins/not-a-plugin/readme", "x")
    try desk.write(
      "plugins/.nexo-staging/x/tree/nexo-plugin.toml", SampleRelease.manifest(id: "half", version: "0.1.0"))
    let human = Self.list(desk, orphans: true, isJSON: false)
    #expect(
      human.output == """
        ID         VERSION  TARGET                    TAG     INSTALLED_AT
        alpha      0.1.0    -                         -       -  (orphan)
        my_plugin  1.0.0    x86_64-unknown-linux-gnu  v1.0.0  2027-01-15T08:00:00.000000000+00:00

        """)
    let json = Self.list(desk).json["plugins"] as? [[String: Any]]
    #expect(json?.count == 1)
    #expect(json?.first?["id"] as? String == "my_plugin")
    #expect(json?.first?["is_orphan"] as? Bool == false)
    #expect(json?.first?["source"] as? String == "github-releases")
    #expect(json?.first?["sha256"] as? String == Encoding.hex(HashName.sha256(sample.tarball)))
    #expect((Self.list(desk, orphans: true).json["plugins"] as? [Any])?.count == 2)
  }

  @Test("list: a record that is broken makes an orphan, and is named")
  func brokenRecord() throws {
    let sample = SampleRelease()
    let desk = try Desk([sample], trustedKeys: sample.trustedKeys())
    #expect(desk.install().status == 0)
    try desk.write("plugins/my_plugin-1.0.0/.nexo-install.json", "{\"id\": 1}")
    let said = Self.list(desk, orphans: true)
    #expect((said.json["plugins"] as? [[String: Any]])?.first?["is_orphan"] as? Bool == true)
    #expect(said.warnings.count == 1)
    #expect(Self.upgrade(desk).kind == "MetadataInvalid")
  }

  // MARK: upgrade

  @Test("upgrade: to the newest release, with the old version gone, then nothing to do")
  func upgrading() throws {
    let (old, new) = (SampleRelease(version: "0.9.0"), SampleRelease(version: "0.10.0"))
    let desk = try Desk([old], trustedKeys: old.trustedKeys())
    #expect(desk.install("example/plugin").status == 0)
    let still = Self.upgrade(desk)
    #expect(still.status == 0)
    #expect(
      still.output
        == "{\"ok\":true,\"id\":\"my_plugin\",\"from_version\":\"0.9.0\",\"to_version\":\"0.9.0\",\"plugin_dir\":\"\(desk.plugins)/my_plugin-0.9.0\",\"was_no_op\":true,\"warnings\":[]}\n"
    )
    desk.github.publish(.init(new))
    let said = Self.upgrade(desk)
    #expect(said.status == 0, "\(said.output)")
    #expect(said.text("from_version") == "0.9.0")
    #expect(said.text("to_version") == "0.10.0")
    #expect(said.flag("was_no_op") == false)
    #expect(said.flag("signature_verified") == true)
    #expect(desk.tree.filter { !$0.dropLast().contains("/") } == ["my_plugin-0.10.0/"])
    #expect(desk.contents("my_plugin-0.10.0/lib/data.txt") == "data of 0.10.0\n")
  }

  @Test("upgrade: lines for people")
  func upgradeLines() throws {
    let (old, new) = (SampleRelease(), SampleRelease(version: "1.1.0"))
    let desk = try Desk([old], trustedKeys: old.trustedKeys())
    #expect(desk.install("example/plugin").status == 0)
    #expect(
      Self.upgrade(desk, isJSON: false).messages == """
        → Resolving example/plugin@latest (current: 1.0.0, target: x86_64-unknown-linux-gnu)
        ✓ Already on my_plugin 1.0.0 — nothing to do

        """)
    desk.github.publish(.init(new))
    #expect(
      Self.upgrade(desk, isJSON: false).messages.hasPrefix(
        """
        → Resolving example/plugin@latest (current: 1.0.0, target: x86_64-unknown-linux-gnu)
        → Upgrading my_plugin from 1.0.0 to 1.1.0
        ✓ Found release v1.1.0 (
        """))
  }

  @Test("upgrade: a plugin that was installed by its tag stays on it")
  func pinned() throws {
    let (old, new) = (SampleRelease(), SampleRelease(version: "1.1.0"))
    let desk = try Desk([old, new], trustedKeys: old.trustedKeys())
    #expect(desk.install("example/plugin@v1.0.0").status == 0)
    #expect(Self.upgrade(desk).flag("was_no_op") == true)
  }

  @Test("upgrade: downgrades, other plugins and unsigned releases are refused, and the old version stays")
  func upgradeRefused() throws {
    let current = SampleRelease()
    let desk = try Desk([current], trustedKeys: current.trustedKeys(mode: "warn"))
    #expect(desk.install("example/plugin").status == 0)
    let before = desk.tree
    desk.github.publish(.init(SampleRelease(version: "0.9.0")))
    let down = Self.upgrade(desk)
    #expect(down.kind == "DowngradeRefused")
    #expect(down.error?.hasPrefix("refusing to downgrade plugin `my_plugin` from 1.0.0 to 0.9.0; ") == true)
    desk.github.publish(.init(SampleRelease(id: "other", version: "1.1.0")))
    #expect(Self.upgrade(desk).kind == "Resolve")
    var unsigned = SampleRelease(version: "1.1.0")
    unsigned.shape = .unsigned
    desk.github.publish(.init(unsigned))
    #expect(Self.upgrade(desk).reason == "install.signatureDowngrade")
    desk.github.change { $0 = [] }
    let gone = Self.upgrade(desk)
    #expect(gone.kind == "Resolve")
    #expect(gone.text("cause_kind") == "Http")
    #expect(gone.error?.hasPrefix("resolve failed: install http error: fetch release: HTTP 404 Not Found for ") == true)
    #expect(desk.tree == before)
  }

  @Test("upgrade: the same version with another tarball is no \"nothing to do\"")
  func movedTag() throws {
    let sample = SampleRelease()
    let desk = try Desk([sample], trustedKeys: sample.trustedKeys())
    #expect(desk.install("example/plugin").status == 0)
    var moved = sample
    moved.items[4].bytes = Array("moved\n".utf8)
    desk.github.publish(.init(moved))
    let said = Self.upgrade(desk)
    #expect(said.status == 0)
    #expect(said.flag("was_no_op") == false)
    #expect(said.warnings.contains { $0.contains("another tarball") })
    #expect(desk.contents("my_plugin-1.0.0/lib/data.txt") == "moved\n")
  }

  @Test(
    "case 69: ids that are no ids, and plugins that are not there",
    arguments: ["../x", "a/b", "A", "", "my.plugin", "my_plugin>", "nothere"])
  func badIDs(id: String) throws {
    let desk = try Desk([])
    let message = "plugin `\(id)` is not installed under any configured search path"
    for said in [Self.upgrade(desk, id: id), Self.remove(desk, id: id, purge: true)] {
      #expect(said.status == 1)
      #expect(said.kind == "PluginNotFound")
      #expect(said.error == message)
    }
  }

  @Test("upgrade: an orphan has no record to go by")
  func orphanUpgrade() throws {
    let desk = try Desk([])
    try desk.write("plugins/alpha-0.1.0/nexo-plugin.toml", SampleRelease.manifest(id: "alpha", version: "0.1.0"))
    let said = Self.upgrade(desk, id: "alpha")
    #expect(said.kind == "NoInstallMetadata")
    #expect(
      said.error
        == "plugin `alpha` has no .nexo-install.json metadata; reinstall with `plugin install` to enable upgrades")
  }

  // MARK: remove

  @Test("remove: only with --yes, every version, and the state where it is asked for")
  func removing() throws {
    let (old, new) = (SampleRelease(), SampleRelease(version: "1.1.0"))
    let desk = try Desk([old, new], trustedKeys: old.trustedKeys())
    #expect(desk.install("example/plugin@v1.1.0").status == 0)
    let second = desk.install("example/plugin@v1.0.0")
    #expect(second.warnings.contains { $0.contains("this is a lower version") })
    try desk.write("home/.nexo/state/plugins/my_plugin/cache", "x")
    try desk.write(
      "plugins/my_plugin_2-1.0.0/nexo-plugin.toml", SampleRelease.manifest(id: "my_plugin_2", version: "1.0.0"))
    let unsure = Self.remove(desk, yes: false)
    #expect(unsure.kind == "NeedsYesConfirm")
    #expect(desk.tree.contains("my_plugin-1.0.0/"))
    let said = Self.remove(desk, purge: true)
    #expect(said.status == 0)
    #expect(said.text("version") == "1.1.0")
    #expect(said.text("plugin_dir") == desk.plugins + "/my_plugin-1.1.0")
    #expect(
      said.json["removed_paths"] as? [String] == [
        desk.plugins + "/my_plugin-1.1.0", desk.plugins + "/my_plugin-1.0.0",
        desk.folder + "/home/.nexo/state/plugins/my_plugin",
      ])
    #expect(said.flag("cache_purged") == true)
    #expect(desk.tree == ["my_plugin_2-1.0.0/", "my_plugin_2-1.0.0/nexo-plugin.toml"])
  }

  @Test("remove: a link to a folder elsewhere is removed, the folder is not")
  func removeLink() throws {
    let desk = try Desk([])
    try desk.write("work/nexo-plugin.toml", SampleRelease.manifest(id: "linked", version: "0.1.0"))
    try FileManager.default.createDirectory(atPath: desk.plugins, withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: desk.plugins + "/linked", withDestinationPath: desk.folder + "/work")
    #expect(Self.remove(desk, id: "linked").status == 0)
    #expect(desk.tree == [])
    #expect(FileManager.default.fileExists(atPath: desk.folder + "/work/nexo-plugin.toml"))
  }

  // MARK: audit

  @Test(
    "audit: says no to every difference, and yes without one",
    arguments: [
      ("true", nil), ("printf x >> DIR/bin/my_plugin", "bin/my_plugin has other content"),
      ("rm DIR/lib/data.txt", "lib/data.txt is missing"), ("touch DIR/lib/more", "lib/more was added"),
      ("chmod 700 DIR/bin/my_plugin", "bin/my_plugin has mode 700, not 755"),
      ("ln -sf /etc/passwd DIR/lib/data.txt", "lib/data.txt is no regular file"),
      ("rm DIR/.nexo-install.json", "there is no record of its installation"),
      (
        "sed -i 's/\"version\": \"1.0.0\"/\"version\": \"1.0.1\"/' DIR/.nexo-install.json",
        "the record is of version 1.0.1"
      ),
    ] as [(String, String?)])
  func audit(damage: String, finding: String?) throws {
    let sample = SampleRelease()
    let desk = try Desk([sample], trustedKeys: sample.trustedKeys())
    #expect(desk.install().status == 0)
    Self.shell(damage.replacingOccurrences(of: "DIR", with: desk.plugins + "/my_plugin-1.0.0"))
    let said = Self.audit(desk)
    let plugin = (said.json["plugins"] as? [[String: Any]])?.first
    #expect(plugin?["differences"] as? [String] == (finding.map { [$0] } ?? []))
    #expect(said.status == (finding == nil ? 0 : 1))
    #expect(said.flag("ok") == (finding == nil))
    #expect(said.kind == (finding == nil ? nil : "AuditFailed"))
  }

  @Test("audit: the signature is verified anew, against the policy of today")
  func auditPolicy() throws {
    let sample = SampleRelease()
    let desk = try Desk([sample], trustedKeys: sample.trustedKeys())
    #expect(desk.install().status == 0)
    let good = (Self.audit(desk).json["plugins"] as? [[String: Any]])?.first
    #expect(good?["signature_verified"] as? Bool == true)
    #expect(good?["signature_identity"] as? String == sample.identity)
    func reason() -> String? { (Self.audit(desk).json["plugins"] as? [[String: Any]])?.first?["reason"] as? String }
    // Another policy, another root, another tarball, another bundle, none at all.
    try desk.write(
      "config/extensions/trusted_keys.toml",
      sample.trustedKeys().replacingOccurrences(of: "release\\.yml", with: "x\\.yml"))
    #expect(reason() == "identity.mismatch")
    try desk.write("config/extensions/trusted_keys.toml", "default = \"require\"\n")
    #expect(reason() == "policy.noAuthor")
    try desk.write("config/extensions/trusted_keys.toml", sample.trustedKeys())
    try desk.write("config/extensions/trusted_root.json", VirtualSigstore(seed: "other").trustedRoot().rendered)
    #expect(reason() == "log.unknown")
    try desk.write("config/extensions/trusted_root.json", sample.world.trustedRoot().rendered)
    #expect(reason() == nil)
    let record = desk.plugins + "/my_plugin-1.0.0/.nexo-install.json"
    Self.shell("sed -i 's/\"sha256\": \"..../\"sha256\": \"0000/' '\(record)'")
    #expect(reason() == "signature.mismatch")
    var unsigned = SampleRelease(id: "unsigned_plugin")
    unsigned.shape = .unsigned
    try desk.write("config/extensions/trusted_keys.toml", "")
    desk.github.change { $0 = [.init(unsigned)] }
    #expect(Self.remove(desk).status == 0)
    #expect(desk.install().status == 0)
    #expect(Self.audit(desk).status == 0)
    try desk.write("config/extensions/trusted_keys.toml", sample.trustedKeys())
    #expect(reason() == "policy.unsigned")
  }

  @Test("audit: needs no network")
  func auditOffline() throws {
    let sample = SampleRelease()
    let desk = try Desk([sample], trustedKeys: sample.trustedKeys())
    #expect(desk.install().status == 0)
    let count = desk.github.requests.count
    #expect(Self.audit(desk).status == 0)
    #expect(desk.github.requests.count == count)
  }

  // MARK: fetch and --from

  @Test("fetch: a folder that installs without a network, with the same checks")
  func fetch() throws {
    let sample = SampleRelease()
    let desk = try Desk([sample], trustedKeys: sample.trustedKeys())
    var options = InstallOptions(coordinates: "example/plugin", configFolder: desk.config)
    options.target = "x86_64-unknown-linux-gnu"
    options.isJSON = true
    let out = desk.folder + "/release"
    let said = desk.run { FetchCommand.run(options, out: out, in: $0) }
    #expect(said.status == 0, "\(said.output)")
    #expect(said.flag("signature_verified") == true)
    let name = sample.tarballName
    #expect(
      Desk.tree(out) == [name, name + ".bundle", name + ".sha256", "nexo-plugin.toml", "nexo-release.txt"])
    #expect(desk.tree == [])
    // What is there is not overwritten.
    let again = desk.run { FetchCommand.run(options, out: out, in: $0) }
    #expect(again.kind == "Io")
    #expect(again.error?.hasSuffix("there is something already") == true)

    let count = desk.github.requests.count
    for coordinates in ["example/plugin", "example/plugin@v1.0.0"] {
      let installed = desk.install(coordinates) {
        $0.from = out
        $0.requireSignature = true
      }
      #expect(installed.status == 0, "\(installed.output)")
      #expect(installed.flag("signature_verified") == true)
    }
    #expect(desk.github.requests.count == count)
    #expect(desk.install("example/plugin@v1.0.1") { $0.from = out }.kind == "ReleaseShape")
    #expect(
      desk.install("evil/plugin@v1.0.0") {
        $0.from = out; $0.requireSignature = true
      }.reason == "policy.noAuthor")
    Self.shell("printf x >> '\(out)/\(name)'")
    #expect(desk.install { $0.from = out }.kind == "Sha256Mismatch")
    Self.shell("sha256sum '\(out)/\(name)' > '\(out)/\(name).sha256'")
    #expect(desk.install { $0.from = out }.reason == "signature.mismatch")
    Self.shell("rm '\(out)/\(name).bundle'")
    #expect(desk.install { $0.from = out }.reason == "policy.unsigned")
    #expect(desk.install { $0.from = desk.folder + "/nowhere" }.kind == "Io")
  }

  @Test("fetch: what would be refused is not kept")
  func fetchRefused() throws {
    var sample = SampleRelease()
    sample.shape = .unsigned
    let desk = try Desk([sample], trustedKeys: sample.trustedKeys())
    var options = InstallOptions(coordinates: "example/plugin", configFolder: desk.config)
    options.target = "x86_64-unknown-linux-gnu"
    options.isJSON = true
    let before = Desk.tree(desk.folder)
    let said = desk.run { FetchCommand.run(options, out: desk.folder + "/release", in: $0) }
    #expect(said.kind == "PolicyRequiresSig")
    #expect(Desk.tree(desk.folder) == before)
  }

  // MARK: check

  @Test("check: tells an author what would install, and the entry to publish")
  func check() throws {
    let sample = SampleRelease()
    let desk = try Desk([sample])
    for (name, bytes) in sample.assets() {
      try FileManager.default.createDirectory(atPath: desk.folder + "/dist", withIntermediateDirectories: true)
      try Data(bytes).write(to: URL(fileURLWithPath: desk.folder + "/dist/" + name))
    }
    func check(_ coordinates: String? = nil, isJSON: Bool = false) -> Desk.Said {
      desk.run {
        CheckCommand.run(
          folder: desk.folder + "/dist", coordinates: coordinates, configFolder: desk.config, trust: TrustFlags(),
          isJSON: isJSON, in: $0)
      }
    }
    let said = check()
    #expect(said.status == 0, "\(said.messages)")
    #expect(said.messages.contains("✓ \(sample.tarballName) would install"))
    let entry = """
      [[authors]]
      owner = "example"
      identity_regexp = '^https://github\\.com/example/plugin/\\.github/workflows/release\\.yml@refs/tags/v[0-9]+\\.[0-9]+\\.[0-9]+[0-9A-Za-z.+-]*$'
      oidc_issuer = "https://token.actions.githubusercontent.com"
      mode = "require"

      """
    #expect(said.output == entry)
    // The entry does what it is for.
    try desk.write("config/extensions/trusted_keys.toml", said.output)
    #expect(desk.install { $0.requireSignature = true }.status == 0)
    #expect(check("example/plugin@v1.0.0").status == 0)
    #expect(check("example/plugin@v1.0.1", isJSON: true).kind == "CheckFailed")
    #expect(check("other/plugin@v1.0.0", isJSON: true).kind == "CheckFailed")
    Self.shell("rm '\(desk.folder)/dist/\(sample.tarballName).bundle'")
    #expect(check(isJSON: true).reason == "policy.unsigned")
  }
}
