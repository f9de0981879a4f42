import OpenSSLCrypto
import SigstoreBundle
import SigstoreTrust
import SigstoreVerify
import VirtualSigstore
import WireCoding

/// A virtual Sigstore joined with the product's verifier. Everything is good until a test spoils one thing.
struct World {
  static let artifact = Array("the plugin, as its author built it\n".utf8)

  /// Minting keys takes longest, so every world begins as a copy of this one.
  private static let fresh = World.sigstore()

  var sigstore = World.fresh
  /// Edits of `trusted_root.json`.
  var editRoot: (inout JSONDraft) -> Void = { _ in }
  var identity: TextMatcher = .exact(VirtualSigstore.identity)
  var issuer: TextMatcher = .exact(VirtualSigstore.issuer)
  var managedKey: VirtualKey?
  var log: VerificationPolicy.Requirement = .required
  var certificateTimestamp: VerificationPolicy.Requirement = .required
  var content: ExpectedContent = .blob
  /// Further demands of the policy.
  var editPolicy: (inout VerificationPolicy) throws -> Void = { _ in }
  /// The verifier's clock, in Unix seconds.
  var clock: Int64 = 1_800_000_000

  mutating func sign(
    _ artifact: [UInt8] = World.artifact, as request: LeafRequest? = nil, hash: HashName? = nil
  ) -> SignedMaterial {
    sigstore.sign(artifact, as: request ?? leafRequest(), hash: hash)
  }

  /// Signs a statement, by default one about the artifact.
  mutating func attest(
    _ envelope: EnvelopeDraft = EnvelopeDraft(about: World.artifact), entry: EntryDraft = .dsse1,
    as request: LeafRequest? = nil, adjust: (inout EntryDraft.Facts) -> Void = { _ in }
  ) -> SignedMaterial {
    content = .statement(StatementPolicy(predicateType: "https://slsa.dev/provenance/v1"))
    return sigstore.attest(
      envelope, of: Self.artifact, as: request ?? leafRequest(), entry: entry, adjust: adjust)
  }

  mutating func signWithManagedKey(_ kind: VirtualKey.Kind = .p256) -> SignedMaterial {
    let key = VirtualKey(kind, seed: "managed")
    managedKey = key
    return sigstore.sign(Self.artifact, withManagedKey: key)
  }

  var policy: VerificationPolicy {
    get throws {
      let signer: ExpectedSigner
      if let managedKey {
        signer = .key(try PublicKey(subjectPublicKeyInfo: managedKey.subjectPublicKeyInfo))
      } else {
        signer = .identity(SignerPolicy(identity: identity, issuer: issuer))
      }
      var policy = VerificationPolicy(
        signer: signer, content: content, log: log, certificateTimestamp: certificateTimestamp)
      try editPolicy(&policy)
      return policy
    }
  }

  var trustedRoot: TrustedRoot {
    get throws {
      var draft = sigstore.trustedRoot()
      editRoot(&draft)
      return try TrustedRoot(parsing: draft.bytes)
    }
  }

  var verifier: Verifier {
    get throws { Verifier(anchors: TrustAnchors(try trustedRoot)) }
  }

  /// Reads and judges a bundle file.
  func judge(_ file: [UInt8], artifact: [UInt8] = World.artifact) throws -> Answer {
    let bundle: Bundle
    do throws(BundleFailure) { bundle = try Bundle(parsing: file) } catch { return Answer(unread: error) }
    return try judge(bundle, artifact: artifact)
  }

  func judge(_ bundle: JSONDraft, artifact: [UInt8] = World.artifact) throws -> Answer {
    try judge(bundle.bytes, artifact: artifact)
  }

  func judge(_ bundle: Bundle, artifact: [UInt8] = World.artifact) throws -> Answer {
    Answer(
      try verifier.verify(
        bundle, artifact: try digests(artifact), policy: try policy, at: UnixTime(seconds: clock)))
  }
}

/// All three digests of an artifact.
func digests(_ artifact: [UInt8]) throws -> ArtifactDigests {
  try ArtifactDigests(try HashAlgorithm.allCases.map { try digest($0, of: artifact) })
}

extension TrustAnchors {
  init(_ root: TrustedRoot) {
    self.init(
      authorities: root.authorities, certificateLogs: root.certificateLogs,
      transparencyLogs: root.transparencyLogs, timestampAuthorities: root.timestampAuthorities)
  }
}

/// A verdict, or why the file could not be read, in the words of a test.
struct Answer: CustomStringConvertible {
  /// Nil for a file that could not be read.
  let verdict: Verdict?
  let failure: VerificationFailure?

  init(_ verdict: Verdict) {
    self.verdict = verdict
    if case .failure(let failure) = verdict.outcome { self.failure = failure } else { failure = nil }
  }

  init(unread failure: BundleFailure) {
    verdict = nil
    self.failure = VerificationFailure(.bundle, failure)
  }

  static let accepted = "accepted"

  /// The code of the refusal, or `accepted`.
  var code: String { failure?.code ?? Self.accepted }
  var step: Step? { failure?.step }
  var cautions: [Caution.Code] { verdict?.cautions.map(\.code) ?? [] }
  var further: [String] { verdict?.furtherFailures.map(\.code) ?? [] }

  var artifact: VerifiedArtifact? {
    if case .success(let artifact) = verdict?.outcome { artifact } else { nil }
  }

  var description: String {
    guard let failure else { return Self.accepted }
    return
      "\(failure.step) \(failure.code): \(failure.detail ?? "") got \(failure.got ?? "-") want \(failure.want ?? "-")"
  }
}
