public import WireCoding

/// Signature material of any shape in circulation, as one value. Only `origin` tells the shapes apart.
///
/// Well-formed, and nothing more: no signature, proof or time in it has been checked.
public struct Bundle: Sendable, Hashable {
  /// The shape it came in. It decides what evidence the log entries must carry (see RekorCheck), nothing else.
  public enum Origin: String, Sendable, Hashable, CaseIterable {
    /// cosign 2.x `--bundle`: a signed entry timestamp and no inclusion proof.
    case legacyCosign = "cosign bundle"
    /// `.sig` and `.pem` without a bundle: no log entry.
    case looseFiles = "loose signature and certificate"
    /// The log was asked for the entry: whatever it can show is due.
    case lookedUp = "signature with the entry that the log gave"
    case v0_1 = "Sigstore bundle v0.1"
    case v0_2 = "Sigstore bundle v0.2"
    case v0_3 = "Sigstore bundle v0.3"
  }

  /// What the signature is to be verified with.
  public enum KeyMaterial: Sendable, Hashable {
    /// A leaf certificate (DER) and whatever else the bundle's chain held, in its order. All untrusted.
    case certificate(leaf: [UInt8], others: [[UInt8]])
    /// A managed key, named by an unauthenticated hint. The key itself comes from the caller;
    /// `embedded` is what a legacy bundle carries (DER SubjectPublicKeyInfo), to be compared and never to be used.
    case publicKey(hint: String?, embedded: [UInt8]?)
  }

  public let origin: Origin
  public let keyMaterial: KeyMaterial
  public let logEntries: [LogEntry]
  /// DER TimeStampResp each (RFC 3161, 2.4.2).
  public let timestamps: [[UInt8]]
  public let content: SignedContent

  public init(
    origin: Origin, keyMaterial: KeyMaterial, logEntries: [LogEntry], timestamps: [[UInt8]],
    content: SignedContent
  ) {
    self.origin = origin
    self.keyMaterial = keyMaterial
    self.logEntries = logEntries
    self.timestamps = timestamps
    self.content = content
  }

  /// With a timestamp (DER TimeStampResp) that lay beside it; one that it holds already is held once.
  public func stamped(by timestamp: [UInt8]) throws(BundleFailure) -> Bundle {
    guard !timestamps.contains(timestamp) else { return self }
    guard timestamps.count < BundleLimits.timestamps else { throw BundleFailure(.tooMany, "timestamps") }
    return Bundle(
      origin: origin, keyMaterial: keyMaterial, logEntries: logEntries, timestamps: timestamps + [timestamp],
      content: content)
  }
}

/// A signature over a blob.
public struct MessageSignature: Sendable, Hashable {
  /// As made: DER for ECDSA.
  public let signature: [UInt8]
  /// A hint for finding the artifact. It never replaces hashing, and where present it must agree.
  public let digest: Digest?

  public init(signature: [UInt8], digest: Digest?) {
    self.signature = signature
    self.digest = digest
  }
}

/// One transparency log entry with the evidence that came with it.
public struct LogEntry: Sendable, Hashable {
  public struct KindVersion: Sendable, Hashable {
    public let kind: String
    public let version: String
    public init(kind: String, version: String) {
      self.kind = kind
      self.version = version
    }
  }

  public struct InclusionProof: Sendable, Hashable {
    /// Index in the shard, which differs from the entry's own index in Rekor v1.
    public let logIndex: UInt64
    public let treeSize: UInt64
    /// 32 bytes.
    public let rootHash: [UInt8]
    /// 32 bytes each, leaf side first.
    public let hashes: [[UInt8]]
    /// A signed note; nil or empty where the writer left it out.
    public let checkpoint: String?

    public init(logIndex: UInt64, treeSize: UInt64, rootHash: [UInt8], hashes: [[UInt8]], checkpoint: String?) {
      self.logIndex = logIndex
      self.treeSize = treeSize
      self.rootHash = rootHash
      self.hashes = hashes
      self.checkpoint = checkpoint
    }
  }

  /// Where in the file, for messages.
  public let place: String
  /// Index over all shards of the log: what the signed entry timestamp covers.
  public let logIndex: UInt64
  /// 32 bytes.
  public let logID: [UInt8]
  /// Nil in a legacy bundle, which leaves it to the body.
  public let kindVersion: KindVersion?
  /// Unix seconds. Unsigned until a signed entry timestamp over it is verified.
  public let integratedTime: Int64?
  /// The signed entry timestamp.
  public let promise: [UInt8]?
  public let proof: InclusionProof?
  public let canonicalizedBody: [UInt8]

  public init(
    place: String, logIndex: UInt64, logID: [UInt8], kindVersion: KindVersion?, integratedTime: Int64?,
    promise: [UInt8]?, proof: InclusionProof?, canonicalizedBody: [UInt8]
  ) {
    self.place = place
    self.logIndex = logIndex
    self.logID = logID
    self.kindVersion = kindVersion
    self.integratedTime = integratedTime
    self.promise = promise
    self.proof = proof
    self.canonicalizedBody = canonicalizedBody
  }
}

/// Upper bounds on counts, as several clients have them; far above anything real.
public enum BundleLimits {
  public static let logEntries = 32
  public static let timestamps = 32
  public static let certificates = 10
  /// One hash for each level of a tree with a 64-bit index.
  public static let proofHashes = 64
  /// One is the number due; so many are read to say how many there are.
  static let envelopeSignatures = 32
  /// Bytes of a signature: RSA 4096 has 512.
  public static let signatureBytes = 2048
  /// Bytes of a detached signature or certificate file.
  public static let looseFileBytes = 256 * 1024
}
