import Foundation
import SigstoreBundle
import Support
import Testing
import VirtualSigstore
import WireCoding

@testable import NexoInstall

@Suite("Installing what only the log can prove")
struct LookUpInstallTests {
  private func sample(_ shape: SampleRelease.Shape) -> SampleRelease {
    var sample = SampleRelease()
    sample.shape = shape
    return sample
  }

  private func install(
    _ desk: Desk, _ log: RekorServer?, _ change: (inout InstallOptions) -> Void = { _ in }
  ) -> Desk.Said {
    desk.install {
      $0.requireSignature = true
      $0.log = LogFlags(isOffline: log == nil, address: log?.address)
      change(&$0)
    }
  }

  private static let bundle = "my_plugin-1.0.0/.nexo-signature.bundle"

  @Test("a release with `.sig` and `.pem` alone installs by the log's answer, which is kept for later audits")
  func pair() throws {
    let sample = sample(.pair)
    let desk = try Desk([sample], trustedKeys: sample.trustedKeys())
    let log = try RekorServer([sample.signed()])
    let said = install(desk, log)
    #expect(said.status == 0, "\(said.output)")
    #expect(said.flag("signature_verified") == true && said.text("signature_identity") == sample.identity)
    #expect(log.requests.count == 1)
    let audit = desk.run { AuditCommand.run(configFolder: desk.config, trust: TrustFlags(), isJSON: true, in: $0) }
    #expect(audit.status == 0, "\(audit.output)")
    #expect(audit.output.contains("\"signature_verified\":true") || audit.output.contains("\"verified\":true"))
    #expect(log.requests.count == 1, "an audit asks nobody")
  }

  @Test("without a network, by flag or out of a folder, it is refused, and nothing is asked")
  func offline() throws {
    let sample = sample(.pair)
    let desk = try Desk([sample], trustedKeys: sample.trustedKeys())
    let log = try RekorServer([sample.signed()])
    let said = install(desk, nil)
    #expect(said.kind == "CosignFailed" && said.reason == "log.missing")
    for (name, bytes) in sample.assets() {
      let path = desk.folder + "/release"
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      try Data(bytes).write(to: URL(fileURLWithPath: path + "/" + name))
    }
    let folder = install(desk, log) { $0.from = desk.folder + "/release" }
    #expect(folder.reason == "log.missing" && log.requests.isEmpty)
    #expect(desk.tree == [])
  }

  @Test(
    "what a fetch had to ask the log for goes along, and installs where nobody can be asked", arguments: [false, true])
  func fetched(isLegacy: Bool) throws {
    let sample = sample(isLegacy ? .legacyBundle : .pair)
    let policy = sample.trustedKeys(bind: "tag") + (isLegacy ? "inclusion_proof = \"require\"\n" : "")
    let desk = try Desk([sample], trustedKeys: policy)
    let log = try RekorServer([sample.signed()])
    var options = InstallOptions(coordinates: "example/plugin@v1.0.0", configFolder: desk.config)
    options.target = "x86_64-unknown-linux-gnu"
    options.isJSON = true
    options.requireSignature = true
    options.log = LogFlags(address: log.address)
    let out = desk.folder + "/release"
    let said = desk.run { FetchCommand.run(options, out: out, in: $0) }
    #expect(said.status == 0, "\(said.output)")
    let installed = install(desk, nil) { $0.from = out }
    #expect(installed.status == 0, "\(installed.output)")
    #expect(log.requests.count == 1)
  }

  @Test("an answer about something else, none, and a log that does not answer: three reasons, and nothing installed")
  func refused() throws {
    let sample = sample(.pair)
    var world = VirtualSigstore()
    let other = world.sign(Array("something else".utf8)).logAnswer
    let desk = try Desk([sample], trustedKeys: sample.trustedKeys())
    #expect(install(desk, try RekorServer([])).reason == "log.notFound")
    #expect(install(desk, try RekorServer([]) { _ in RekorServer.reply([other]) }).reason == "entryBody.digestMismatch")
    let broken = install(desk, try RekorServer([]) { _ in .answer(400) })
    #expect(broken.kind == "CosignFailed" && broken.reason == "log.queryRefused")
    #expect(desk.tree == [])
  }

  @Test("a signer that the policy does not name is refused whatever the log says")
  func stranger() throws {
    var sample = sample(.pair)
    sample.leaf = sample.world.leafRequest()
    sample.leaf?.names = [.uri("https://github.com/stranger/plugin/.github/workflows/release.yml@refs/tags/v1.0.0")]
    let desk = try Desk([sample], trustedKeys: sample.trustedKeys())
    #expect(install(desk, try RekorServer([sample.signed()])).reason == "identity.mismatch")
  }

  @Test("a cosign bundle rests on a promise; where the policy asks for the proof, the log is asked for it")
  func inclusionProof() throws {
    let sample = sample(.legacyBundle)
    let policy = sample.trustedKeys(bind: "tag") + "inclusion_proof = \"require\"\n"
    let desk = try Desk([sample], trustedKeys: policy)
    let log = try RekorServer([sample.signed()])
    #expect(install(desk, nil).reason == "log.proofMissing")
    #expect(install(desk, log).status == 0)
    #expect(log.requests.count == 1)
    // What was learnt is in the record, as a bundle of version 0.3.
    let record = try #require(desk.contents("my_plugin-1.0.0/.nexo-install.json"))
    let fields = try JSONNode.parse(Array(record.utf8))
    let kept = try Bundle(parsing: try fields.field("signature").field("bundle").base64())
    #expect(kept.origin == .v0_3 && kept.logEntries.first?.proof != nil)
    let audit = desk.run { AuditCommand.run(configFolder: desk.config, trust: TrustFlags(), isJSON: true, in: $0) }
    #expect(audit.status == 0, "\(audit.output)")
    let plain = try Desk([sample], trustedKeys: sample.trustedKeys())
    #expect(install(plain, log).status == 0)
    #expect(log.requests.count == 1, "nobody asked for the proof")
    #expect(install(plain, nil) { $0.log.requiresInclusionProof = true }.reason == "log.proofMissing")
    // A policy that asks for more later finds what was installed by less.
    try plain.write("config/extensions/trusted_keys.toml", policy)
    let strict = plain.run { AuditCommand.run(configFolder: plain.config, trust: TrustFlags(), isJSON: true, in: $0) }
    #expect(strict.status == 1 && strict.output.contains("log.proofMissing"))
  }

  @Test("inclusion_proof: a word of its own, under schema 1.1 alone")
  func policy() throws {
    let sample = sample(.legacyBundle)
    for (text, isGood) in [
      (sample.trustedKeys(bind: "tag") + "inclusion_proof = \"accept\"\n", true),
      (sample.trustedKeys(bind: "tag") + "inclusion_proof = \"maybe\"\n", false),
      (sample.trustedKeys() + "inclusion_proof = \"require\"\n", false),
    ] {
      let desk = try Desk([sample], trustedKeys: text)
      #expect((install(desk, nil).kind == "TrustedKeysParse") == !isGood)
    }
  }
}
