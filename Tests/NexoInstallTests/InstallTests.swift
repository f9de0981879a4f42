import Foundation
import Support
import Testing
import VirtualSigstore

@testable import NexoInstall

@Suite("Installing a release")
struct InstallTests {
  private static let installed = [
    "my_plugin-1.0.0/", "my_plugin-1.0.0/.nexo-install.json", "my_plugin-1.0.0/bin/", "my_plugin-1.0.0/bin/my_plugin",
    "my_plugin-1.0.0/lib/", "my_plugin-1.0.0/lib/data.txt", "my_plugin-1.0.0/nexo-plugin.toml",
  ]

  @Test(
    "every shape of signing material that is in circulation installs under --require-signature",
    arguments: [SampleRelease.Shape.trio, .legacyBundle, .newBundle, .sigstoreJSON])
  func shapes(shape: SampleRelease.Shape) throws {
    var sample = SampleRelease()
    sample.shape = shape
    let desk = try Desk([sample], trustedKeys: sample.trustedKeys())
    let said = desk.install { $0.requireSignature = true }
    #expect(said.status == 0, "\(said.output)")
    #expect(said.flag("signature_verified") == true)
    #expect(said.text("signature_identity") == sample.identity)
    #expect(said.text("signature_issuer") == SampleRelease.issuer)
    #expect(said.text("trust_mode") == "require")
    #expect(said.text("trust_policy_matched") == "example")
    #expect(said.text("plugin_dir") == desk.plugins + "/my_plugin-1.0.0")
    #expect(desk.tree == Self.installed)
    #expect(desk.contents("my_plugin-1.0.0/lib/data.txt") == "data of 1.0.0\n")
  }

  @Test(
    "a Rekor v2 bundle as the only signing asset installs under --require-signature, and not without its timestamp",
    arguments: [SampleRelease.Shape.newBundle, .sigstoreJSON])
  func tiledLog(shape: SampleRelease.Shape) throws {
    var sample = SampleRelease()
    sample.world.useTiledLog()
    sample.shape = shape
    let desk = try Desk([sample], trustedKeys: sample.trustedKeys())
    let said = desk.install { $0.requireSignature = true }
    #expect(said.status == 0, "\(said.output)")
    #expect(said.flag("signature_verified") == true)
    #expect(desk.tree == Self.installed)
    sample.world.tsa = nil
    let bare = try Desk([sample], trustedKeys: sample.trustedKeys())
    let refused = bare.install { $0.requireSignature = true }
    #expect(refused.status == 1)
    #expect(refused.text("reason") == "times.none")
    #expect(bare.tree == [])
  }

  @Test("the lines for people, in order, and nothing on standard output")
  func lines() throws {
    let sample = SampleRelease()
    let desk = try Desk([sample], trustedKeys: sample.trustedKeys())
    let said = desk.install(isJSON: false) { $0.requireSignature = true }
    #expect(said.status == 0)
    #expect(said.output == "")
    let sum = Encoding.hex(HashName.sha256(sample.tarball))
    #expect(
      said.messages == """
        → Resolving example/plugin@v1.0.0 (target: x86_64-unknown-linux-gnu)
        ✓ Found release v1.0.0 (x86_64-unknown-linux-gnu, 5.0 KB, sha256 \(sum.prefix(12))…)
        → Downloading
        ✓ sha256 verified
        → Verifying signature against trusted_keys.toml
        ✓ Signature verified (identity: \(sample.identity))
        → Extracting to \(desk.plugins)
        ✓ Plugin installed at \(desk.plugins)/my_plugin-1.0.0
        ! Lifecycle event not emitted (broker offline or non-NATS)

        """)
  }

  @Test("the report has nexo-rs's keys in their order, then ours")
  func keys() throws {
    let sample = SampleRelease()
    let desk = try Desk([sample], trustedKeys: sample.trustedKeys())
    let said = desk.install()
    #expect(said.output.hasSuffix("}\n"))
    #expect(said.output.filter { $0 == "\n" }.count == 1)
    let wanted = [
      "ok", "id", "version", "target", "plugin_dir", "binary_path", "sha256", "size_bytes", "was_already_present",
      "lifecycle_event_emitted", "signature_verified", "signature_identity", "signature_issuer", "trust_mode",
      "trust_policy_matched", "min_nexo_version", "verification", "warnings",
    ]
    #expect(Set(said.json.keys) == Set(wanted))
    let places = wanted.map { said.output.range(of: "\"\($0)\":")?.lowerBound }
    #expect(places.allSatisfy { $0 != nil })
    #expect(zip(places, places.dropFirst()).allSatisfy { $0! < $1! })
    #expect((said.json["size_bytes"] as? Int) == sample.tarball.count)
    #expect(said.text("sha256") == Encoding.hex(HashName.sha256(sample.tarball)))
    let verification = said.json["verification"] as? [String: Any]
    #expect(verification?["verified"] as? Bool == true)
    #expect((verification?["trace"] as? [Any])?.isEmpty == false)
  }

  @Test("an unverified install leaves the signature's keys out")
  func unverifiedKeys() throws {
    var sample = SampleRelease()
    sample.shape = .unsigned
    let desk = try Desk([sample])
    let said = desk.install()
    #expect(said.status == 0)
    for key in ["signature_identity", "signature_issuer", "trust_policy_matched", "verification"] {
      #expect(said.json[key] == nil)
    }
    #expect(said.flag("signature_verified") == false)
    #expect(said.warnings == ["No signature in release; trust mode is 'warn' — proceeding unverified."])
  }

  @Test("installing the same release again changes nothing")
  func again() throws {
    let sample = SampleRelease()
    let desk = try Desk([sample], trustedKeys: sample.trustedKeys())
    #expect(desk.install().status == 0)
    let record = desk.contents("my_plugin-1.0.0/.nexo-install.json")
    let said = desk.install()
    #expect(said.status == 0)
    #expect(said.flag("was_already_present") == true)
    #expect(said.flag("signature_verified") == true)
    #expect(desk.contents("my_plugin-1.0.0/.nexo-install.json") == record)
    #expect(desk.tree == Self.installed)
    let human = desk.install(isJSON: false)
    #expect(
      human.messages.hasSuffix(
        "✓ my_plugin@1.0.0 already installed at \(desk.plugins)/my_plugin-1.0.0 — nothing to do\n"))
  }

  @Test(
    "case 62: what is there but is not what the release holds is replaced, with a warning",
    arguments: [
      "printf x >> DIR/bin/my_plugin", "rm DIR/lib/data.txt", "touch DIR/added", "mkdir DIR/empty",
      "chmod 600 DIR/bin/my_plugin",
      "rm DIR/lib/data.txt && ln -s /etc/passwd DIR/lib/data.txt", "rm -r DIR && touch DIR", "rm -r DIR/* DIR/.nexo*",
    ])
  func repaired(damage: String) throws {
    let sample = SampleRelease()
    let desk = try Desk([sample], trustedKeys: sample.trustedKeys())
    #expect(desk.install().status == 0)
    let shell = Process()
    shell.executableURL = URL(fileURLWithPath: "/bin/sh")
    shell.arguments = ["-c", damage.replacingOccurrences(of: "DIR", with: desk.plugins + "/my_plugin-1.0.0")]
    try shell.run()
    shell.waitUntilExit()
    #expect(shell.terminationStatus == 0)
    let said = desk.install()
    #expect(said.status == 0)
    #expect(said.flag("was_already_present") == false)
    #expect(said.warnings.contains { $0.contains("is not what this release holds") })
    #expect(desk.tree == Self.installed)
    #expect(desk.contents("my_plugin-1.0.0/lib/data.txt") == "data of 1.0.0\n")
  }
}
