import Foundation
import Support
import Testing
import VirtualSigstore

@testable import NexoInstall

@Suite("The operator's deny list")
struct DeniedTests {
  private let sample = SampleRelease()

  private func install(_ list: String) throws -> Desk.Said {
    let desk = try Desk([sample], trustedKeys: sample.trustedKeys())
    try desk.write("config/extensions/denied.toml", list)
    let said = desk.install { $0.requireSignature = true }
    #expect((said.status == 0) == !desk.tree.isEmpty)
    return said
  }

  private func rule(_ text: String) -> String { "[[denied]]\n\(text)\nreason = \"stolen\"\n" }

  private var subjects: [String] {
    let material = sample.signed()
    return [
      "identity = \"\(sample.identity)\"", "repository = \"EXAMPLE/Plugin\"", "serial = \"12:34:56:78\"",
      "serial = \"0012345678\"", "log_index = \(material.globalIndex)",
      "log_index = \(material.globalIndex)\nlog_id = \"\(Encoding.hex(material.logID))\"",
      "digest = \"sha256:\(Encoding.hex(HashName.sha256(sample.tarball)))\"",
    ]
  }

  @Test("each kind of entry takes back a yes, with its reason")
  func kinds() throws {
    for subject in subjects {
      let said = try install(rule(subject))
      #expect(said.kind == "CosignFailed" && said.reason == "policy.denied", "\(subject): \(said.output)")
      #expect(said.error?.contains("stolen") == true)
      let verification = said.json["verification"] as? [String: Any]
      let trace = verification?["trace"] as? [[String: Any]] ?? []
      #expect(trace.last?["step"] as? String == "denied" && trace.last?["result"] as? String == "failed")
    }
  }

  @Test("what names something else takes nothing back, and the trace says that it was looked at")
  func others() throws {
    let material = sample.signed()
    for subject in [
      "identity = \"\(sample.identity)x\"", "repository = \"example/plugin2\"", "serial = \"01\"",
      "log_index = \(material.shardIndex)",
      "log_index = \(material.globalIndex)\nlog_id = \"\(String(repeating: "00", count: 32))\"",
      "digest = \"sha256:\(String(repeating: "0", count: 64))\"",
    ] {
      let said = try install(rule(subject))
      #expect(said.status == 0, "\(subject): \(said.output)")
      let verification = said.json["verification"] as? [String: Any]
      let trace = verification?["trace"] as? [[String: Any]] ?? []
      #expect(trace.last?["step"] as? String == "denied" && trace.last?["result"] as? String == "passed")
    }
    #expect(try install("").status == 0)
  }

  @Test("a window is about when the signature was made, both ends inclusive")
  func windows() throws {
    let subject = subjects[0]
    let (before, at, after) = ("2023-11-14T22:13:19Z", "2023-11-14T22:13:20Z", "2023-11-14T22:13:21Z")
    for (window, isDenied) in [
      ("from = \"\(at)\"", true), ("from = \"\(after)\"", false), ("until = \"\(at)\"", true),
      ("until = \"\(before)\"", false), ("from = \"\(before)\"\nuntil = \"\(after)\"", true),
    ] {
      #expect((try install(rule("\(subject)\n\(window)")).reason == "policy.denied") == isDenied, "\(window)")
    }
  }

  @Test("an audit finds what was installed before it was denied")
  func audit() throws {
    let desk = try Desk([sample], trustedKeys: sample.trustedKeys())
    #expect(desk.install { $0.requireSignature = true }.status == 0)
    try desk.write("config/extensions/denied.toml", rule(subjects[1]))
    let said = desk.run { AuditCommand.run(configFolder: desk.config, trust: TrustFlags(), isJSON: true, in: $0) }
    #expect(said.status == 1 && said.output.contains("policy.denied"))
  }

  private var digest: String { "digest = \"sha256:\(Encoding.hex(HashName.sha256(sample.tarball)))\"" }

  @Test("a signature over another hash is no way around a denied digest")
  func otherHash() throws {
    var sample = sample
    var leaf = sample.workflowLeaf
    leaf.key = VirtualKey(.p384, seed: "a longer key")
    sample.leaf = leaf
    let desk = try Desk([sample], trustedKeys: sample.trustedKeys())
    #expect(desk.install { $0.requireSignature = true }.status == 0)
    let sound = desk.run { AuditCommand.run(configFolder: desk.config, trust: TrustFlags(), isJSON: true, in: $0) }
    #expect(sound.status == 0, "\(sound.output)")
    try desk.write("config/extensions/denied.toml", rule(digest))
    #expect(desk.install { $0.requireSignature = true }.reason == "policy.denied")
    let said = desk.run { AuditCommand.run(configFolder: desk.config, trust: TrustFlags(), isJSON: true, in: $0) }
    #expect(said.status == 1 && said.output.contains("policy.denied"))
  }

  @Test("what nobody has to have signed is denied by its repository and its digest")
  func unverified() throws {
    var unsigned = sample
    unsigned.shape = .unsigned
    let policies = [
      (unsigned, "schema_version = \"1.0\"\ndefault = \"warn\"\n"),
      (sample, "schema_version = \"1.0\"\ndefault = \"warn\"\n"),
      (sample, "schema_version = \"1.0\"\ndefault = \"ignore\"\n"),
    ]
    for (release, policy) in policies {
      for text in ["repository = \"Example/plugin\"", digest, digest + "\nuntil = \"2000-01-01T00:00:00Z\""] {
        let desk = try Desk([release], trustedKeys: policy)
        try desk.write("config/extensions/denied.toml", rule(text))
        let said = desk.install { _ in }
        #expect(said.kind == "CosignFailed" && said.reason == "policy.denied", "\(text): \(said.output)")
        #expect(desk.tree.isEmpty)
      }
      let desk = try Desk([release], trustedKeys: policy)
      try desk.write("config/extensions/denied.toml", rule("repository = \"example/plugin2\""))
      #expect(desk.install { _ in }.status == 0)
      try desk.write("config/extensions/denied.toml", rule(digest))
      let said = desk.run { AuditCommand.run(configFolder: desk.config, trust: TrustFlags(), isJSON: true, in: $0) }
      #expect(said.status == 1 && said.output.contains("policy.denied"), "\(said.output)")
    }
  }

  @Test("a denied repository is denied for the workflow that it lent to others")
  func lentWorkflow() throws {
    var sample = sample
    var leaf = sample.workflowLeaf
    leaf.names = [.uri("https://github.com/Lender/workflows/.github/workflows/release.yml@refs/heads/main")]
    sample.leaf = leaf
    let desk = try Desk(
      [sample],
      trustedKeys: """
        schema_version = "1.1"

        [[authors]]
        owner = "example"
        identity_regexp = '^https://github\\.com/Lender/workflows/'
        mode = "require"
        """)
    try desk.write("config/extensions/denied.toml", rule("repository = \"lender/work\""))
    let said = desk.install { _ in }
    #expect(said.status == 0, "\(said.output)")
    try desk.write("config/extensions/denied.toml", rule("repository = \"lender/workflows\""))
    #expect(desk.install { _ in }.reason == "policy.denied")
  }

  @Test("a denied repository is denied whoever signed for it")
  func otherSigner() throws {
    var sample = sample
    var leaf = sample.workflowLeaf
    leaf.names = [.email("author@example.com")]
    leaf.claims = [1: leaf.claims[1] ?? ""]
    sample.leaf = leaf
    let desk = try Desk(
      [sample],
      trustedKeys: """
        schema_version = "1.1"

        [[authors]]
        owner = "example"
        identity_regexp = '^author@example\\.com$'
        mode = "require"
        bind = "none"
        """)
    let said = desk.install { _ in }
    #expect(said.status == 0, "\(said.output)")
    try desk.write("config/extensions/denied.toml", rule("repository = \"example/plugin\""))
    #expect(desk.install { _ in }.reason == "policy.denied")
  }

  @Test(
    "what cannot be understood is refused for every install",
    arguments: [
      "x = 1", "denied = 5", "[[denied]]\nreason = \"r\"", "[[denied]]\nidentity = \"a\"",
      "[[denied]]\nidentity = \"a\"\nrepository = \"a/b\"\nreason = \"r\"",
      "[[denied]]\nidentity = 5\nreason = \"r\"", "[[denied]]\nrepository = \"a\"\nreason = \"r\"",
      "[[denied]]\nrepository = \"a/b@v1\"\nreason = \"r\"", "[[denied]]\nserial = \"xyz\"\nreason = \"r\"",
      "[[denied]]\nlog_index = -1\nreason = \"r\"", "[[denied]]\ndigest = \"md5:00\"\nreason = \"r\"",
      "[[denied]]\ndigest = \"sha256:00\"\nreason = \"r\"",
      "[[denied]]\nlog_index = 1\nlog_id = \"00ff\"\nreason = \"r\"",
      "[[denied]]\nserial = \"123:4\"\nreason = \"r\"", "[[denied]]\nserial = \":\"\nreason = \"r\"",
      "[[denied]]\nserial = \"123456789012345678901234567890123456789012345678\"\nreason = \"r\"",
      "[[denied]]\ndigest = \"sha512:\(String(repeating: "0", count: 128))\"\nreason = \"r\"",
      "[[denied]]\nidentity = \"a\"\nlog_id = \"00\"\nreason = \"r\"",
      "[[denied]]\nidentity = \"a\"\nfrom = \"yesterday\"\nreason = \"r\"",
      "[[denied]]\nidentity = \"a\"\nfrom = 2026-01-01T00:00:00Z\nreason = \"r\"",
      "[[denied]]\nidentity = \"a\"\nfrom = \"2026-02-01T00:00:00Z\"\nuntil = \"2026-01-01T00:00:00Z\"\nreason = \"r\"",
      "[[denied]]\nidentity = \"a\"\nwhy = \"r\"\nreason = \"r\"",
    ])
  func malformed(text: String) throws {
    let said = try install(text)
    #expect(said.kind == "TrustedKeysParse", "\(said.output)")
  }
}
