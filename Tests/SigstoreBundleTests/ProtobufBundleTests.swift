import SigstoreBundle
import Testing
import VirtualSigstore
import WireCoding

@Suite("Fields of Sigstore bundles")
struct ProtobufBundleTests {
  private typealias Draft = BundleDraft
  private static let material = BundleDraft.material
  private static let verification = BundleDraft.verification
  private static let entry = BundleDraft.entry

  @Test("what stands in the file is what is read", arguments: SignedMaterial.Version.allCases)
  func values(version: SignedMaterial.Version) throws {
    let material = Self.material
    let bundle = try Draft.parse(version) { _ in }
    let others = version == .v0_1 || version == .v0_2 ? material.chain : []
    #expect(bundle.keyMaterial == .certificate(leaf: material.verifier.der, others: others))
    #expect(bundle.timestamps == [[1, 2]])
    #expect(bundle.content.signature == material.signature)
    #expect(bundle.content.digest == Digest(.sha256, HashName.sha256(material.artifact)))
    let entry = try #require(bundle.logEntries.first)
    #expect(bundle.logEntries.count == 1)
    #expect(entry.place == "$.verificationMaterial.tlogEntries[0]")
    #expect(entry.logIndex == material.globalIndex)
    #expect(entry.logID == material.logID)
    #expect(entry.kindVersion == LogEntry.KindVersion(kind: "hashedrekord", version: "0.0.1"))
    #expect(entry.integratedTime == material.integratedTime)
    #expect(entry.promise == material.promise)
    #expect(entry.canonicalizedBody == material.body)
    let proof = try #require(entry.proof)
    #expect(proof.logIndex == material.shardIndex)
    #expect(proof.treeSize == material.treeSize)
    #expect(proof.rootHash == material.rootHash)
    #expect(proof.hashes == material.hashes)
    #expect(proof.checkpoint == material.checkpoint)
  }

  @Test("a managed key is named by its hint alone", arguments: SignedMaterial.Version.allCases)
  func managedKey(version: SignedMaterial.Version) throws {
    var world = VirtualSigstore()
    var draft = world.sign([1], withManagedKey: VirtualKey(.p256, seed: "managed")).bundle(version)
    draft["verificationMaterial.publicKey.hint"] = .text("hint")
    #expect(try Bundle(parsing: draft.bytes).keyMaterial == .publicKey(hint: "hint", embedded: nil))
    draft["verificationMaterial.publicKey"] = .raw("{}")
    #expect(try Bundle(parsing: draft.bytes).keyMaterial == .publicKey(hint: nil, embedded: nil))
  }

  @Test(
    "case 42: no other media type is known",
    arguments: [
      "", "application/json", "application/vnd.dev.sigstore.bundle+json",
      "application/vnd.dev.sigstore.bundle+json;version=",
      "application/vnd.dev.sigstore.bundle+json;version=0.4", "application/vnd.dev.sigstore.bundle+json;version=0.10",
      "application/vnd.dev.sigstore.bundle+json; version=0.1", "application/vnd.dev.sigstore.bundle+json;version=0.1 ",
      "application/vnd.dev.sigstore.bundle+json;version=v0.1", "APPLICATION/vnd.dev.sigstore.bundle+json;version=0.1",
      "application/vnd.dev.sigstore.bundle.v0.1+json", "application/vnd.dev.sigstore.bundle.v0.2+json",
      "application/vnd.dev.sigstore.bundle.v0.4+json", "application/vnd.dev.sigstore.bundle.v0.3.1+json",
      "application/vnd.dev.sigstore.bundle.v0.3+json;version=0.3",
      "application/vnd.dev.sigstore.bundle+json;version=0.3\0",
      "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
    ])
  func mediaTypes(text: String) {
    let failure = Draft.failure { $0["mediaType"] = .text(text) }
    #expect(failure?.code == .unknownFormat)
    #expect(failure?.got == text)
  }

  // MARK: Missing fields

  static let required = [
    verification, verification + ".certificate.rawBytes",
    verification + ".timestampVerificationData.rfc3161Timestamps.0.signedTimestamp",
    entry + ".logId", entry + ".logId.keyId", entry + ".kindVersion", entry + ".kindVersion.kind",
    entry + ".kindVersion.version",
    entry + ".canonicalizedBody", entry + ".inclusionProof.rootHash", "messageSignature.signature",
    "messageSignature.messageDigest.algorithm", "messageSignature.messageDigest.digest",
  ]

  @Test("a required field that is missing or null is named", arguments: required)
  func missing(path: String) {
    for value in [nil, JSONDraft.raw("null")] {
      let failure = Draft.failure { $0[path] = value }
      #expect(failure?.code == .fieldMissing)
      #expect(failure?.place == Draft.place(path))
    }
  }

  @Test("a promise and a chain that hold something else do not count as absent")
  func missingInside() {
    let promise = Draft.failure { $0[Self.entry + ".inclusionPromise"] = .raw("{\"x\":1}") }
    #expect(promise?.code == .fieldMissing)
    #expect(promise?.place == Draft.place(Self.entry) + ".inclusionPromise.signedEntryTimestamp")
    for value in ["{}", "{\"certificates\":null}", "{\"certificates\":[]}"] {
      let chain = Draft.failure(.v0_1) { $0[Self.verification + ".x509CertificateChain"] = .raw(value) }
      #expect(chain?.code == .fieldMissing)
      #expect(chain?.place == "$.verificationMaterial.x509CertificateChain")
    }
    let certificate = Draft.failure(.v0_1) {
      $0[Self.verification + ".x509CertificateChain.certificates.1"] = .raw("{}")
    }
    #expect(certificate?.code == .fieldMissing)
    #expect(certificate?.place == "$.verificationMaterial.x509CertificateChain.certificates[1].rawBytes")
  }

  @Test("null, {} and [] are how writers leave a field out")
  func absent() throws {
    let entry = Self.entry
    for value in [nil, JSONDraft.raw("null"), .raw("{}")] {
      #expect(try Draft.parse { $0[entry + ".inclusionPromise"] = value }.logEntries.first?.promise == nil)
      #expect(try Draft.parse { $0[entry + ".inclusionProof"] = value }.logEntries.first?.proof == nil)
      #expect(
        try Draft.parse { $0[entry + ".inclusionProof.checkpoint"] = value }.logEntries.first?.proof?.checkpoint == nil)
      #expect(try Draft.parse { $0["messageSignature.messageDigest"] = value }.content.digest == nil)
      #expect(try Draft.parse { $0[Self.verification + ".timestampVerificationData"] = value }.timestamps.isEmpty)
    }
    for value in [nil, JSONDraft.raw("null"), .raw("[]")] {
      #expect(try Draft.parse { $0[Self.verification + ".tlogEntries"] = value }.logEntries.isEmpty)
      #expect(try Draft.parse { $0[entry + ".inclusionProof.hashes"] = value }.logEntries.first?.proof?.hashes == [])
      #expect(
        try Draft.parse { $0[Self.verification + ".timestampVerificationData.rfc3161Timestamps"] = value }.timestamps
          .isEmpty)
    }
    #expect(
      try Draft.parse { $0[entry + ".inclusionProof.checkpoint.envelope"] = .text("") }.logEntries.first?.proof?
        .checkpoint == nil)
    for value in [nil, JSONDraft.raw("null"), .raw("0"), .raw("\"0\"")] {
      #expect(try Draft.parse { $0[entry + ".integratedTime"] = value }.logEntries.first?.integratedTime == nil)
      #expect(try Draft.parse { $0[entry + ".logIndex"] = value }.logEntries.first?.logIndex == 0)
    }
  }

  // MARK: Fields that exclude each other

  @Test(
    "case 42: two members of one choice are a conflict, empty or not", arguments: ["{}", "{\"rawBytes\":\"AQ==\"}"])
  func conflicts(value: String) {
    for (version, own) in [(.v0_3, "certificate"), (.v0_1, "x509CertificateChain")]
      as [(SignedMaterial.Version, String)]
    {
      let fields = ["certificate", "x509CertificateChain", "publicKey"]
      for other in fields where other != own {
        let failure = Draft.failure(version) { $0["\(Self.verification).\(other)"] = .raw(value) }
        #expect(failure?.code == .conflict, "\(own) and \(other)")
        #expect(failure?.place == "$.verificationMaterial")
        #expect(Draft.failure(version) { $0["\(Self.verification).\(other)"] = .raw("null") } == nil)
      }
      let all = Draft.failure(version) { draft in
        for other in fields where other != own { draft["\(Self.verification).\(other)"] = .raw(value) }
      }
      #expect(all?.code == .conflict)
    }
    let content = Draft.failure { $0["dsseEnvelope"] = .raw(value) }
    #expect(content?.code == .conflict)
    #expect(content?.place == "$")
  }

  @Test(
    "case 11: an envelope holds exactly one signature", arguments: SignedMaterial.Version.allCases, [0, 1, 2, 32, 33])
  func envelope(version: SignedMaterial.Version, count: Int) throws {
    let signatures = Array(repeating: "{\"sig\":\"AQID\",\"keyid\":\"\"}", count: count).joined(separator: ",")
    let change = { (draft: inout JSONDraft) in
      draft["messageSignature"] = nil
      draft["dsseEnvelope"] = .raw(
        "{\"payload\":\"e30=\",\"payloadType\":\"application/vnd.in-toto+json\",\"signatures\":[\(signatures)]}")
    }
    guard count != 1 else {
      let bundle = try Draft.parse(version, change)
      #expect(
        bundle.content
          == .envelope(
            Envelope(
              payloadType: "application/vnd.in-toto+json", payload: Array("{}".utf8), signature: [1, 2, 3], keyID: nil))
      )
      return
    }
    let failure = Draft.failure(version, change)
    #expect(failure?.code == (count > 32 ? .tooMany : .signatureCount))
    #expect(failure?.place?.hasPrefix("$.dsseEnvelope") == true)
  }

  // MARK: Spelling

  static let spellings = [
    ("", "media_type"), ("", "verification_material"), ("", "message_signature"), ("", "dsse_envelope"),
    (verification + ".", "public_key"), (verification + ".", "x509_certificate_chain"),
    (verification + ".", "tlog_entries"),
    (verification + ".", "timestamp_verification_data"), (verification + ".certificate.", "raw_bytes"),
    (verification + ".timestampVerificationData.", "rfc3161_timestamps"),
    (verification + ".timestampVerificationData.rfc3161Timestamps.0.", "signed_timestamp"), (entry + ".", "log_index"),
    (entry + ".", "log_id"), (entry + ".", "kind_version"), (entry + ".", "integrated_time"),
    (entry + ".", "inclusion_promise"), (entry + ".", "inclusion_proof"), (entry + ".", "canonicalized_body"),
    (entry + ".logId.", "key_id"), (entry + ".inclusionPromise.", "signed_entry_timestamp"),
    (entry + ".inclusionProof.", "log_index"), (entry + ".inclusionProof.", "root_hash"),
    (entry + ".inclusionProof.", "tree_size"), ("messageSignature.", "message_digest"),
  ]

  @Test(
    "case 42: a field spelt with underscores is refused, beside the right spelling or in its place",
    arguments: spellings)
  func spelling(parent: String, name: String) {
    let failure = Draft.failure { $0[parent + name] = .raw("null") }
    #expect(failure?.code == .fieldInvalid)
    #expect(failure?.place == (parent.isEmpty ? "$" : Draft.place(String(parent.dropLast()))))
    #expect(failure?.got == name)
    #expect(Draft.failure { $0[parent + "not_known"] = .raw("null") } == nil)
  }

  @Test("case 42: a chain's certificates are held to the spelling too")
  func spellingInChain() {
    let failure = Draft.failure(.v0_1) {
      $0[Self.verification + ".x509CertificateChain.certificates.1.raw_bytes"] = .text("")
    }
    #expect(failure?.code == .fieldInvalid)
    #expect(failure?.place == "$.verificationMaterial.x509CertificateChain.certificates[1]")
  }
}
