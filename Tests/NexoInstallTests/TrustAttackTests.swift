import Foundation
import Support
import Testing
import VirtualSigstore

@testable import NexoInstall

@Suite("Attacks on the trust in a release")
struct TrustAttackTests {
  /// Everything that an attacker may try on a release of `example/plugin`, and what has to come of it under
  /// `--require-signature`.
  struct Attack: Sendable, CustomTestStringConvertible {
    let name: String
    let kind: String
    let reason: String?
    let change: @Sendable (inout FakeGitHub.Published, SampleRelease) -> Void

    var testDescription: String { name }

    init(
      _ name: String, _ kind: String, _ reason: String? = nil,
      _ change: @escaping @Sendable (inout FakeGitHub.Published, SampleRelease) -> Void
    ) {
      (self.name, self.kind, self.reason, self.change) = (name, kind, reason, change)
    }
  }

  private static func endings(of sample: SampleRelease, _ list: String...) -> [String] {
    list.map { sample.tarballName + $0 }
  }

  /// Material of another release under this one's names.
  private static func graft(_ other: SampleRelease, onto published: inout FakeGitHub.Published, _ sample: SampleRelease)
  {
    let assets = other.assets()
    for ending in ["", ".sha256", ".sig", ".pem", ".bundle"] {
      published.assets[sample.tarballName + ending] = assets[other.tarballName + ending]
    }
  }

  static let attacks: [Attack] = [
    Attack("bundle, signature and certificate stripped", "PolicyRequiresSig", "policy.unsigned") { published, sample in
      for name in endings(of: sample, ".bundle", ".sig", ".pem") { published.assets[name] = nil }
    },
    Attack("the bundle alone stripped", "CosignFailed", "log.missing") { published, sample in
      published.assets[sample.tarballName + ".bundle"] = nil
    },
    Attack("signature left without its certificate", "AssetIncomplete") { published, sample in
      for name in endings(of: sample, ".bundle", ".pem") { published.assets[name] = nil }
    },
    Attack("certificate left without its signature", "AssetIncomplete") { published, sample in
      for name in endings(of: sample, ".bundle", ".sig") { published.assets[name] = nil }
    },
    Attack("another tarball with its own checksum", "CosignFailed", "signature.mismatch") { published, sample in
      var other = sample
      other.items[4].bytes = Array("other data\n".utf8)
      published.assets[sample.tarballName] = other.tarball
      published.assets[sample.tarballName + ".sha256"] = Array(Encoding.hex(HashName.sha256(other.tarball)).utf8)
    },
    Attack("another tarball without its checksum", "Sha256Mismatch") { published, sample in
      var other = sample
      other.items[4].bytes = Array("other data\n".utf8)
      published.assets[sample.tarballName] = other.tarball
    },
    Attack("signed by a workflow of another owner", "CosignFailed", "identity.mismatch") { published, sample in
      var other = sample
      var leaf = sample.workflowLeaf
      leaf.names = [.uri("https://github.com/evil/plugin/.github/workflows/release.yml@refs/tags/v1.0.0")]
      other.leaf = leaf
      published.assets = other.assets()
    },
    Attack("signed for another repository of the owner", "CosignFailed", "binding.repository") { published, sample in
      var other = sample
      var leaf = sample.workflowLeaf
      // The name is one that the pattern admits: a reusable workflow is named after its own repository.
      leaf.claims[5] = "example/other"
      leaf.claims[12] = "https://github.com/example/other"
      other.leaf = leaf
      published.assets = other.assets()
    },
    Attack("signed for another tag", "CosignFailed", "binding.tag") { published, sample in
      var other = sample
      var leaf = sample.workflowLeaf
      leaf.claims[6] = "refs/tags/v0.9.0"
      leaf.claims[14] = "refs/tags/v0.9.0"
      other.leaf = leaf
      published.assets = other.assets()
    },
    Attack("signed on a branch", "CosignFailed", "binding.tag") { published, sample in
      var other = sample
      var leaf = sample.workflowLeaf
      leaf.claims[6] = "refs/heads/main"
      leaf.claims[14] = "refs/heads/main"
      other.leaf = leaf
      published.assets = other.assets()
    },
    Attack("new and old extensions that disagree about the repository", "CosignFailed", "binding.repository") {
      published, sample in
      var other = sample
      var leaf = sample.workflowLeaf
      leaf.claims[5] = "example/other"
      other.leaf = leaf
      published.assets = other.assets()
    },
    Attack("a certificate that says no repository and no ref", "CosignFailed", "binding.repository") {
      published, sample in
      var other = sample
      var leaf = sample.workflowLeaf
      for claim in [5, 6, 12, 14] { leaf.claims[claim] = nil }
      other.leaf = leaf
      published.assets = other.assets()
    },
    Attack("an older version, whole and well signed", "CosignFailed", "binding.tag") { published, sample in
      let old = SampleRelease(world: sample.world, version: "0.9.0")
      graft(old, onto: &published, sample)
    },
    Attack("another plugin of the same repository and tag, well signed", "ManifestMismatch") { published, sample in
      var other = SampleRelease(world: sample.world, id: "other_plugin")
      other.tag = sample.tag
      graft(other, onto: &published, sample)
    },
    Attack("another version in a tarball that is signed for this tag", "ManifestMismatch") { published, sample in
      var other = sample
      other.items[3].bytes = Array(SampleRelease.manifest(id: "my_plugin", version: "9.9.9").utf8)
      published.assets = other.assets()
    },
    Attack("another issuer", "CosignFailed", "identity.issuerMismatch") { published, sample in
      var other = sample
      var leaf = sample.workflowLeaf
      leaf.claims[1] = "https://accounts.example.test"
      leaf.claims[8] = "https://accounts.example.test"
      other.leaf = leaf
      published.assets = other.assets()
    },
    Attack("a certificate of another Sigstore", "CosignFailed", "log.unknown") { published, sample in
      var other = sample
      other.world = VirtualSigstore(seed: "evil")
      published.assets = other.assets()
    },
    Attack("a bundle that is no bundle", "CosignFailed", "bundle.unknownFormat") { published, sample in
      published.assets[sample.tarballName + ".bundle"] = Array("<html>".utf8)
    },
    Attack("an empty bundle", "CosignFailed", "bundle.unknownFormat") { published, sample in
      published.assets[sample.tarballName + ".bundle"] = []
    },
    Attack("a broken bundle beside a good pair", "CosignFailed", "bundle.unknownFormat") { published, sample in
      published.assets[sample.tarballName + ".bundle"] = Array("{}".utf8)
    },
    Attack("the manifest of another plugin in the listing", "TargetNotFound") { published, _ in
      published.assets["nexo-plugin.toml"] = Array(SampleRelease.manifest(id: "other", version: "1.0.0").utf8)
    },
    Attack("an id that is a path, in the manifest", "ReleaseShape") { published, _ in
      published.assets["nexo-plugin.toml"] = Array(SampleRelease.manifest(id: "../x", version: "1.0.0").utf8)
    },
    Attack("a repository that answers under another name", "ReleaseShape", "release.renamed") { published, _ in
      published.answersAs = "evil/plugin"
    },
    Attack("a program for another processor, signed for this tag", "ManifestMismatch", "binding.target") {
      published, sample in
      var other = sample
      var program: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 57)
      program[18] = 183
      other.items[2].bytes = program
      published.assets = other.assets()
    },
    Attack("a signed tarball with a link", "DisallowedEntryType") { published, sample in
      var other = sample
      other.items.append(.init("lib/link", [], mode: 0o777))
      var tar = PluginTarball(other.items).tar
      // The header of the last entry: a symbolic link, with its checksum put right.
      let start = tar.count - 1024 - 512
      tar[start + 156] = UInt8(ascii: "2")
      let sum = (0..<512).reduce(0) { $0 + ((148..<156).contains($1) ? 0x20 : Int(tar[start + $1])) }
      for (index, byte) in String(format: "%06o\0 ", sum).utf8.enumerated() { tar[start + 148 + index] = byte }
      let tarball = PluginTarball.gzip(tar)
      var world = sample.world
      published.assets[sample.tarballName] = tarball
      published.assets[sample.tarballName + ".sha256"] = Array(Encoding.hex(HashName.sha256(tarball)).utf8)
      published.assets[sample.tarballName + ".bundle"] = world.sign(tarball, as: sample.workflowLeaf).legacyBundle.bytes
    },
    Attack("a signed tarball without its program", "BinaryMissing") { published, sample in
      var other = sample
      other.items.remove(at: 2)
      published.assets = other.assets()
    },
    Attack("a signed tarball whose program is a folder", "BinaryMissing") { published, sample in
      var other = sample
      other.items[2] = .init("./bin/my_plugin/", [], mode: 0o755)
      published.assets = other.assets()
    },
    Attack("a signed tarball that brings its own record", "UnsafePath") { published, sample in
      var other = sample
      other.items.append(.init("./.nexo-install.json", Array("{}".utf8)))
      published.assets = other.assets()
    },
    Attack("a signed tarball that climbs out", "UnsafePath") { published, sample in
      var other = sample
      other.items.append(.init("../evil", Array("x".utf8)))
      published.assets = other.assets()
    },
  ]

  @Test(
    "cases 46, 59 to 61, 64, 69, 73 and 75: nothing of it is installed, and nothing is left behind", arguments: attacks)
  func refused(attack: Attack) throws {
    let sample = SampleRelease()
    let desk = try Desk([sample], trustedKeys: sample.trustedKeys(mode: "warn"))
    let before = Desk.tree(desk.folder)
    desk.github.change { attack.change(&$0[0], sample) }
    for isRequired in [true, false] {
      let said = desk.install { $0.requireSignature = isRequired }
      if !isRequired, attack.reason == "policy.unsigned" {
        #expect(said.flag("signature_verified") == false)
        continue
      }
      #expect(said.status == 1)
      #expect(said.kind == attack.kind, "\(said.output)")
      #expect(said.reason == attack.reason, "\(said.output)")
      #expect(Desk.tree(desk.folder) == before)
    }
    // The control: the honest release is let in at the very same desk.
    desk.github.change { $0[0] = FakeGitHub.Published(sample) }
    #expect(desk.install { $0.requireSignature = true }.status == 0)
  }

  @Test(
    "case 64: bind says how much the certificate has to be about the release", arguments: ["tag", "repository", "none"])
  func binding(rule: String) throws {
    let sample = SampleRelease()
    for (name, claims, accepting) in [
      ("this tag", [:], ["tag", "repository", "none"]),
      ("a branch", [6: "refs/heads/main", 14: "refs/heads/main"], ["repository", "none"]),
      ("another repository", [5: "other/tools", 12: "https://github.com/other/tools"], ["none"]),
    ] as [(String, [Int: String], [String])] {
      var published = sample
      var leaf = sample.workflowLeaf
      leaf.claims.merge(claims) { $1 }
      published.leaf = leaf
      let desk = try Desk([published], trustedKeys: sample.trustedKeys(bind: rule))
      let said = desk.install()
      #expect((said.status == 0) == accepting.contains(rule), "\(rule), \(name): \(said.output)")
      let verification = said.json["verification"] as? [String: Any]
      if said.status == 0 { #expect(verification?["binding"] as? String == rule) }
    }
  }

  @Test("certificates from before 2023 bind by their old extensions")
  func oldExtensions() throws {
    var sample = SampleRelease()
    var leaf = sample.workflowLeaf
    for claim in [8, 9, 12, 14] { leaf.claims[claim] = nil }
    sample.leaf = leaf
    #expect(try Desk([sample], trustedKeys: sample.trustedKeys()).install().status == 0)
    leaf.claims[6] = "refs/tags/v2.0.0"
    sample.leaf = leaf
    #expect(try Desk([sample], trustedKeys: sample.trustedKeys()).install().reason == "binding.tag")
  }

  @Test("case 61: an owner in other letters meets the same entry, and the certificate still binds")
  func ownerCase() throws {
    var sample = SampleRelease()
    let keys = sample.trustedKeys()
    sample.owner = "Example"
    sample.shape = .unsigned
    let desk = try Desk([sample], trustedKeys: keys)
    let said = desk.install("Example/plugin@v1.0.0")
    #expect(said.kind == "PolicyRequiresSig")
    #expect(said.reason == "policy.unsigned")
    // Signed as `example/plugin`, asked for as `Example/plugin`.
    let signed = SampleRelease()
    desk.github.change {
      $0[0].assets = signed.assets()
      $0[0].answersAs = "example/plugin"
    }
    #expect(desk.install("Example/plugin@v1.0.0").status == 0)
  }

  @Test("case 63: in mode warn a listed author's unsigned release is let in, and said to be unverified")
  func warnUnsigned() throws {
    var sample = SampleRelease()
    sample.shape = .unsigned
    let desk = try Desk([sample], trustedKeys: sample.trustedKeys(mode: "warn"))
    let said = desk.install()
    #expect(said.status == 0)
    #expect(said.flag("signature_verified") == false)
    #expect(said.text("trust_policy_matched") == "example")
    #expect(said.warnings.first == "No signature in release; trust mode is 'warn' — proceeding unverified.")
    #expect(said.warnings.dropFirst().first?.contains("should be signed") == true)
  }

  @Test("case 59: a plugin that was installed with a signature does not come back without one")
  func downgrade() throws {
    let first = SampleRelease()
    var second = SampleRelease(version: "1.1.0")
    second.shape = .unsigned
    let desk = try Desk([first, second], trustedKeys: first.trustedKeys(mode: "warn"))
    #expect(desk.install().status == 0)
    let before = desk.tree
    let said = desk.install("example/plugin@v1.1.0")
    #expect(said.kind == "PolicyRequiresSig")
    #expect(said.reason == "install.signatureDowngrade")
    #expect(desk.tree == before)
    // The author's entry taken away does not help either.
    try desk.write("config/extensions/trusted_keys.toml", "default = \"warn\"\n")
    #expect(desk.install("example/plugin@v1.1.0").reason == "install.signatureDowngrade")
    // The operator's own word does.
    #expect(desk.install("example/plugin@v1.1.0") { $0.skipSignatureVerify = true }.status == 0)
  }

  @Test("case 78: --skip-signature-verify over mode require says so, and keeps the matched policy in the report")
  func skip() throws {
    let sample = SampleRelease()
    let desk = try Desk([sample], trustedKeys: sample.trustedKeys())
    let said = desk.install { $0.skipSignatureVerify = true }
    #expect(said.status == 0)
    #expect(said.warnings == ["--skip-signature-verify overrides mode 'require' for `example`: nothing is verified."])
    #expect(said.text("trust_mode") == "ignore")
    #expect(said.text("trust_policy_matched") == "example")
    #expect(said.flag("signature_verified") == false)
    // Over mode warn there is nothing to say.
    try desk.write("config/extensions/trusted_keys.toml", sample.trustedKeys(mode: "warn"))
    #expect(desk.install { $0.skipSignatureVerify = true }.warnings.isEmpty)
  }

  @Test("both flags together are refused before anything is read or fetched")
  func conflict() throws {
    let desk = try Desk([SampleRelease()])
    try desk.write("config/extensions/trusted_keys.toml", "broken")
    let said = desk.install {
      $0.requireSignature = true
      $0.skipSignatureVerify = true
    }
    #expect(said.kind == "FlagsConflict")
    #expect(said.error == "--require-signature and --skip-signature-verify are mutually exclusive")
    #expect(desk.github.requests.isEmpty)
  }

  @Test("a policy that cannot be read stops every install, whatever the flags")
  func brokenPolicy() throws {
    let sample = SampleRelease()
    let desk = try Desk([sample], trustedKeys: "default = \"Warn\"\n")
    for skip in [true, false] {
      let said = desk.install(isJSON: false) { $0.skipSignatureVerify = skip }
      #expect(said.status == 1)
      #expect(said.messages.hasPrefix("✗ Trust configuration invalid: trusted_keys.toml at `"))
    }
    #expect(desk.github.requests.isEmpty)
  }

  @Test("an unlisted author: warn lets in with a line, require says what is missing")
  func unlisted() throws {
    let sample = SampleRelease()
    let desk = try Desk([sample])
    #expect(
      desk.install().warnings == ["No `[[authors]]` entry for `example` in trusted_keys.toml; proceeding unverified."])
    let said = desk.install { $0.requireSignature = true }
    #expect(said.kind == "PolicyRequiresSig")
    #expect(said.reason == "policy.noAuthor")
  }

  @Test("an identity mismatch tells the presented name, the pattern and what to look at")
  func mismatchIsExplained() throws {
    let sample = SampleRelease()
    let keys = sample.trustedKeys().replacingOccurrences(of: "release\\.yml", with: "publish\\.yml")
    let said = try Desk([sample], trustedKeys: keys).install()
    #expect(said.kind == "CosignFailed")
    #expect(said.reason == "identity.mismatch")
    #expect(said.text("presented") == sample.identity)
    #expect(said.text("expected")?.contains("publish\\.yml") == true)
    #expect(said.error?.contains(sample.identity) == true)
    #expect(said.text("hint")?.contains("identity_regexp") == true)
    let verification = said.json["verification"] as? [String: Any]
    #expect(verification?["verified"] as? Bool == false)
  }

  @Test("case 74: cosign_binary is taken, ignored and noted; no program of that name is run")
  func cosignBinary() throws {
    let sample = SampleRelease()
    let desk = try Desk([sample])
    try desk.write("bin/cosign", "#!/bin/sh\ntouch \(desk.folder)/was-run\n")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: desk.folder + "/bin/cosign")
    desk.set("PATH", desk.folder + "/bin")
    try desk.write(
      "config/extensions/trusted_keys.toml",
      "cosign_binary = \"\(desk.folder)/bin/cosign\"\n"
        + sample.trustedKeys().replacingOccurrences(
          of: "schema_version = \"1.0\"", with: ""))
    let said = desk.install()
    #expect(said.status == 0)
    #expect(said.warnings.contains { $0.hasPrefix("cosign_binary in ") })
    #expect(!FileManager.default.fileExists(atPath: desk.folder + "/was-run"))
  }

  @Test("case 57: what a release says cannot forge a line or a field")
  func forgedLines() throws {
    var sample = SampleRelease()
    sample.manifest = SampleRelease.manifest(id: "x\\n✓ Plugin installed\\u001b[2K", version: "1.0.0")
    let desk = try Desk([sample])
    let human = desk.install(isJSON: false)
    #expect(human.status == 1)
    #expect(human.messages.split(separator: "\n").allSatisfy { "→✓✗! ".contains($0.first ?? "?") })
    #expect(!human.messages.contains("\u{1b}"))
    #expect(human.messages.contains("\\u{a}✓ Plugin installed\\u{1b}"))
    #expect(desk.install().error?.contains("\n✓ Plugin installed") == true)
  }
}
