import VirtualSigstore

extension VectorCase {
  private static let entry = "verificationMaterial.tlogEntries.0"
  private static let otherArtifact = Array("another file\n".utf8)

  /// A case that differs from a good one in what its leaf asks for.
  private static func leaf(
    _ name: String, _ expect: String, _ sentence: String, hash: HashName? = nil,
    _ kind: VirtualKey.Kind = .p256, change: @escaping @Sendable (inout LeafRequest) -> Void = { _ in }
  ) -> VectorCase {
    VectorCase(name, expect, sentence) { draft in
      var request = draft.world.leafRequest(kind)
      change(&request)
      draft.bundle = draft.world.sign(as: request, hash: hash).bundle()
    }
  }

  /// A case that differs from a good one in the JSON.
  private static func edited(
    _ name: String, _ expect: String, _ sentence: String, _ shape: Shape = .v0_3,
    change: @escaping @Sendable (inout JSONDraft) -> Void = { _ in }
  ) -> VectorCase {
    VectorCase(name, expect, sentence) { draft in
      draft.bundle = shape.render(draft.world.sign())
      change(&draft.bundle)
    }
  }

  /// A case whose log entry is a genuine one of something else.
  private static func foreignEntry(
    _ name: String, _ expect: String, _ sentence: String, _ shape: Shape, _ artifact: [UInt8] = World.artifact,
    change: @escaping @Sendable (inout LeafRequest) -> Void = { _ in }
  ) -> VectorCase {
    VectorCase(name, expect, sentence) { draft in
      let good = draft.world.sign()
      var request = draft.world.leafRequest()
      change(&request)
      draft.bundle = shape.render(good.carryingEntry(of: draft.world.sign(artifact, as: request)))
    }
  }

  static let all: [VectorCase] = genuine + binding + logging + signers + formats + ModernCases.all

  static let genuine = [
    edited("good-legacy", "pass", "The JSON that cosign 2.x writes: a promise and no proof.", .legacy),
    edited("good-v0.1", "pass", "A v0.1 bundle with promise and proof.", .v0_1),
    edited("good-v0.1-promise-only", "pass", "A v0.1 bundle without proof rests on its promise.", .v0_1) {
      $0[entry + ".inclusionProof"] = nil
    },
    edited("good-v0.2", "pass", "A v0.2 bundle with promise and proof.", .v0_2),
    edited("good-v0.3-old-media-type", "pass", "A v0.3 bundle with the media type that was in use first.", .v0_3Old),
    edited("good-v0.3", "pass", "A v0.3 bundle with promise and proof."),
    leaf("good-p384", "pass", "A P-384 key signs over SHA-384.", .p384),
    leaf("good-p384-sha256", "pass", "A P-384 key over SHA-256, as old clients signed.", hash: .sha256, .p384),
    leaf("good-rsa2048", "pass", "An RSA key signs with PKCS#1 v1.5 over SHA-256.", .rsa2048),
    leaf(
      "good-sct-with-extensions", "pass", "The SCT has extensions; they are signed, and nothing else is made of them."
    ) {
      $0.sct.extensions = [1, 2, 3]
    },
    VectorCase("good-managed-key", "pass", "The signature is a managed key's, which the verifier is given.") { draft in
      draft.bundle = draft.world.signWithManagedKey().bundle()
    },
  ]

  static let binding = [
    foreignEntry(
      "entry-of-other-content", "entryBody.digestMismatch", "The log entry is genuine, and about another file.",
      .legacy,
      otherArtifact),
    foreignEntry(
      "entry-of-other-signature", "entryBody.signatureMismatch",
      "The log entry is genuine, and about another signer's signature over this file.", .v0_3
    ) { $0.key = VirtualKey(.p256, seed: "another signer") },
    foreignEntry(
      "entry-of-other-certificate", "entryBody.keyMismatch",
      "The log entry is genuine, and about another certificate of the same key.", .v0_2
    ) { $0.claims[2] = "schedule" },
    edited("entry-of-unstated-kind", "entryBody.kindMismatch", "kindVersion names another kind than the body.") {
      $0[entry + ".kindVersion.kind"] = .text("dsse")
    },
    VectorCase("artifact-changed", "signature.mismatch", "The file has one byte more than the signed one.") { draft in
      draft.bundle = draft.world.sign().bundle()
      draft.artifact.append(0x0a)
    },
    edited("message-digest-wrong", "signature.digestMismatch", "The signature is right, the digest beside it is not.") {
      $0["messageSignature.messageDigest.digest"] = .base64(HashName.sha256(otherArtifact))
    },
    edited("signature-not-der", "signature.malformed", "The signature has bytes left over.") {
      $0["messageSignature.signature"] = .base64([0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01, 0x00])
    },
    leaf("key-rsa1024", "signature.keyUnsupported", "The leaf's RSA key has 1024 bits.", .rsa1024),
  ]

  static let logging = [
    edited("no-entry", "log.missing", "No log entry.") { $0["verificationMaterial.tlogEntries"] = nil },
    VectorCase("log-unknown", "log.unknown", "Everything is from a Sigstore that the trusted root does not hold.") {
      draft in
      draft.world.sigstore = World.sigstore(seed: "elsewhere")
      draft.bundle = draft.world.sign().bundle()
    },
    edited("promise-of-other-time", "log.promiseInvalid", "The integrated time is not the one that the log signed.") {
      $0[entry + ".integratedTime"] = .text("1700000001")
    },
    edited(
      "legacy-without-promise", "log.promiseMissing", "The cosign bundle lacks its signed entry timestamp.", .legacy
    ) {
      $0["rekorBundle.SignedEntryTimestamp"] = nil
    },
    edited("proof-missing", "log.proofMissing", "A v0.3 bundle with a promise only.") {
      $0[entry + ".inclusionProof"] = nil
    },
    edited("proof-too-short", "log.proofLength", "The proof lacks its first hash.") {
      $0[entry + ".inclusionProof.hashes.0"] = nil
    },
    edited("proof-hash-changed", "log.rootMismatch", "One hash of the proof is another.") {
      $0[entry + ".inclusionProof.hashes.0"] = .base64([UInt8](repeating: 7, count: 32))
    },
    edited("checkpoint-missing", "log.checkpointMissing", "The proof leads to a root that nobody signed.") {
      $0[entry + ".inclusionProof.checkpoint"] = nil
    },
    VectorCase(
      "checkpoint-of-other-key", "log.checkpointUntrusted", "A key that is not the log's signed the checkpoint."
    ) {
      draft in
      var material = draft.world.sign()
      var forger = draft.world.sigstore.rekor
      forger.key = VirtualKey(.p256, seed: "forger")
      material.checkpoint = forger.checkpoint()
      draft.bundle = material.bundle()
    },
    edited("time-unsigned", "times.none", "There is an integrated time, but no promise over it.") {
      $0[entry + ".inclusionPromise"] = nil
    },
    VectorCase("time-in-future", "times.inFuture", "The log signed a time far in the future.") { draft in
      draft.world.sigstore = World.sigstore(now: 4_000_000_000)
      draft.bundle = draft.world.sign().bundle()
      draft.trustedRoot = draft.world.sigstore.trustedRoot()
    },
    VectorCase("log-key-retired", "log.keyNotValid", "The log's key was retired one second before.") { draft in
      draft.bundle = draft.world.sign().bundle()
      var root = draft.world.sigstore.trustedRoot()
      root["tlogs.0.publicKey.validFor.end"] = .text("2023-11-14T22:13:19Z")
      draft.trustedRoot = root
    },
  ]

  static let signers = [
    VectorCase("self-signed", "chain.noAuthority", "A self-signed certificate with the right name and issuer.") {
      draft in
      let key = VirtualKey(.p256, seed: "attacker")
      let certificate = CertificateAttackTests.template(draft.world, key.subjectPublicKeyInfo).signed(
        issuer: DERWriter.name(), key: key)
      draft.bundle = CertificateAttackTests.signed(by: key, certificate: certificate, in: &draft.world).bundle()
    },
    leaf("leaf-expired", "chain.notValidAtTime", "The leaf had expired one second before the log's time.") {
      $0.notAfter = 1_699_999_999
    },
    leaf("leaf-is-authority", "chain.notLeaf", "The leaf may itself issue certificates.") { $0.isAuthority = true },
    leaf("leaf-not-for-code", "chain.ekuMissing", "The leaf is for time stamping.") {
      $0.purposes = ["1.3.6.1.5.5.7.3.8"]
    },
    leaf("sct-missing", "sct.missing", "The leaf carries no SCT.") { $0.sct.count = 0 },
    leaf("sct-of-other-key", "sct.untrusted", "The SCT is signed by a key that is not the log's.") {
      $0.sct.signingKey = VirtualKey(.p256, seed: "forger")
    },
    leaf("identity-of-a-fork", "identity.mismatch", "The leaf names a fork's workflow.") {
      $0.names = [.uri(VirtualSigstore.identity.replacing("example/", with: "example-fork/"))]
    },
    leaf("identity-twice", "identity.severalNames", "The leaf names the expected signer and another one.") {
      $0.names.append(.uri("https://github.com/somebody/else"))
    },
    leaf("identity-as-email", "identity.wrongType", "The expected URI stands in an e-mail name.") {
      $0.names = [.email(VirtualSigstore.identity)]
    },
    VectorCase("issuer-with-slash", "identity.issuerMismatch", "The expected issuer ends with a slash.") { draft in
      draft.bundle = draft.world.sign().bundle()
      draft.issuer += "/"
    },
    leaf("issuer-conflict", "identity.issuerConflict", "The two issuer extensions differ.") {
      $0.claims[1] = "https://accounts.example.com"
    },
  ]

  static let formats = [
    edited("json-name-twice", "bundle.json", "mediaType stands in the bundle twice.") { bundle in
      bundle = .raw(#"{"mediaType":"x","# + bundle.rendered.dropFirst())
    },
    edited("version-unknown", "bundle.unknownFormat", "A media type of no known version.") {
      $0["mediaType"] = .text("application/vnd.dev.sigstore.bundle.v0.9+json")
    },
    edited("index-negative", "bundle.numberRange", "The log index is negative.") {
      $0[entry + ".logIndex"] = .text("-1")
    },
    edited("certificate-missing", "bundle.fieldMissing", "Neither certificate nor key.") {
      $0["verificationMaterial.certificate"] = nil
    },
    edited("content-twice", "bundle.conflict", "A message signature and a DSSE envelope.") {
      $0["dsseEnvelope"] = .object([("payload", .text(""))])
    },
    edited("base64-without-padding", "input.base64", "The body lacks its padding.") { bundle in
      let body = bundle[entry + ".canonicalizedBody"]?.rendered.replacing("\"", with: "") ?? ""
      bundle[entry + ".canonicalizedBody"] = .text(body.replacing("=", with: "") + "A")
    },
    VectorCase("root-without-start", "trust.rootMalformed", "The log's key has a window without a start.") { draft in
      draft.bundle = draft.world.sign().bundle()
      var root = draft.world.sigstore.trustedRoot()
      root["tlogs.0.publicKey.validFor.start"] = nil
      draft.trustedRoot = root
    },
  ]
}
