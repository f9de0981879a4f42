/// Everything that one signing leaves behind, as parts. A test changes one of them and renders a bundle.
public struct SignedMaterial: Sendable {
  public enum Verifier: Sendable {
    case certificate([UInt8])
    case publicKey([UInt8])

    public var pem: String {
      switch self {
      case .certificate(let der): Encoding.pem("CERTIFICATE", der)
      case .publicKey(let der): Encoding.pem("PUBLIC KEY", der)
      }
    }

    public var der: [UInt8] {
      switch self {
      case .certificate(let der), .publicKey(let der): der
      }
    }
  }

  public enum Version: String, Sendable, CaseIterable {
    case v0_1 = "application/vnd.dev.sigstore.bundle+json;version=0.1"
    case v0_2 = "application/vnd.dev.sigstore.bundle+json;version=0.2"
    case v0_3Old = "application/vnd.dev.sigstore.bundle+json;version=0.3"
    case v0_3 = "application/vnd.dev.sigstore.bundle.v0.3+json"

    var holdsChain: Bool { self == .v0_1 || self == .v0_2 }
  }

  public var artifact: [UInt8]
  public var hash: HashName
  public var signature: [UInt8]
  public var verifier: Verifier
  /// Certificates between leaf and root.
  public var chain: [[UInt8]]
  public var logID: [UInt8]
  public var globalIndex: UInt64
  public var integratedTime: Int64
  public var promise: [UInt8]
  public var shardIndex: UInt64
  public var treeSize: UInt64
  public var rootHash: [UInt8]
  public var hashes: [[UInt8]]
  public var checkpoint: String
  public var body: [UInt8]
  /// What the bundle says of the body.
  public var kind = EntryDraft.hashedRekord1
  /// Rekor v2: no promise and no time of the log.
  public var isTiled = false
  /// Where a statement was signed, and not the artifact itself.
  public var envelope: EnvelopeDraft?
  /// DER TimeStampResp each.
  public var timestamps: [[UInt8]] = []

  /// What cosign 2.x writes with `--bundle`.
  public var legacyBundle: JSONDraft {
    .object([
      ("base64Signature", .base64(signature)), ("cert", .base64(Array(verifier.pem.utf8))),
      (
        "rekorBundle",
        .object([
          ("SignedEntryTimestamp", .base64(promise)),
          (
            "Payload",
            .object([
              ("body", .base64(body)), ("integratedTime", .raw(String(integratedTime))),
              ("logIndex", .raw(String(globalIndex))), ("logID", .text(Encoding.hex(logID))),
            ])
          ),
        ])
      ),
    ])
  }

  /// `.sig` as cosign 2.x writes it: base64 without a newline.
  public var looseSignature: [UInt8] { Array(Encoding.base64(signature).utf8) }

  /// `.pem` as cosign 2.x writes it: base64 of the PEM text.
  public var looseCertificate: [UInt8] { Array(Encoding.base64(Array(verifier.pem.utf8)).utf8) }

  public func bundle(_ version: Version = .v0_3) -> JSONDraft {
    .object([
      ("mediaType", .text(version.rawValue)), ("verificationMaterial", material(version)), content,
    ])
  }

  private var content: (String, JSONDraft) {
    if let envelope { return ("dsseEnvelope", envelope.rendered(signature)) }
    return (
      "messageSignature",
      .object([
        (
          "messageDigest",
          .object([("algorithm", .text(hash.protobufName)), ("digest", .base64(hash(artifact)))])
        ), ("signature", .base64(signature)),
      ])
    )
  }

  private func material(_ version: Version) -> JSONDraft {
    let key: (String, JSONDraft) =
      switch verifier {
      case .publicKey(let der): ("publicKey", .object([("hint", .base64(HashName.sha256(der)))]))
      case .certificate(let der) where version.holdsChain:
        (
          "x509CertificateChain",
          .object([("certificates", .array(([der] + chain).map { .object([("rawBytes", .base64($0))]) }))])
        )
      case .certificate(let der): ("certificate", .object([("rawBytes", .base64(der))]))
      }
    let stamps = timestamps.map { JSONDraft.object([("signedTimestamp", .base64($0))]) }
    return .object(
      [key, ("tlogEntries", .array([entry]))]
        + (stamps.isEmpty
          ? [] : [("timestampVerificationData", .object([("rfc3161Timestamps", .array(stamps))]))]))
  }

  /// One element of `tlogEntries`, with promise and proof.
  public var entry: JSONDraft {
    let promised: [(String, JSONDraft)] =
      isTiled
      ? []
      : [
        ("integratedTime", .text(String(integratedTime))),
        ("inclusionPromise", .object([("signedEntryTimestamp", .base64(promise))])),
      ]
    let head: [(String, JSONDraft)] = [
      ("logIndex", .text(String(globalIndex))), ("logId", .object([("keyId", .base64(logID))])),
      ("kindVersion", .object([("kind", .text(kind.kind)), ("version", .text(kind.version))])),
    ]
    let proof: [(String, JSONDraft)] = [
      (
        "inclusionProof",
        .object([
          ("logIndex", .text(String(shardIndex))), ("rootHash", .base64(rootHash)),
          ("treeSize", .text(String(treeSize))), ("hashes", .array(hashes.map { .base64($0) })),
          ("checkpoint", .object([("envelope", .text(checkpoint))])),
        ])
      ), ("canonicalizedBody", .base64(body)),
    ]
    return .object(head + promised + proof)
  }
}
