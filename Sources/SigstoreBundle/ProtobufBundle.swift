import WireCoding

/// The Sigstore bundle: the protobuf message `dev.sigstore.bundle.v1.Bundle` in proto3 JSON.
///
/// Stricter than proto3 JSON readers: lowerCamelCase names only, enum values by name only, standard padded base64 only, no two
/// members of one `oneof`. `null`, `{}` and `[]` count as absent, as writers use them; unknown fields are ignored.
enum ProtobufBundle {
  static let mediaTypes: [String: Bundle.Origin] = [
    "application/vnd.dev.sigstore.bundle+json;version=0.1": .v0_1,
    "application/vnd.dev.sigstore.bundle+json;version=0.2": .v0_2,
    "application/vnd.dev.sigstore.bundle+json;version=0.3": .v0_3,
    "application/vnd.dev.sigstore.bundle.v0.3+json": .v0_3,
  ]

  static func read(_ root: BundleNode) throws(BundleFailure) -> Bundle {
    let mediaType = try root.field("mediaType").string()
    // ASCII first: Swift takes a Greek question mark for the semicolon that it looks like.
    guard mediaType.utf8.allSatisfy({ $0 < 0x80 }), let origin = mediaTypes[mediaType] else {
      throw BundleFailure(
        .unknownFormat, "media type", got: mediaType, want: "a Sigstore bundle of version 0.1, 0.2 or 0.3")
    }
    try root.checkSpelling("mediaType", "verificationMaterial", "messageSignature", "dsseEnvelope")
    let material = try root.field("verificationMaterial")
    try material.checkSpelling(
      "publicKey", "x509CertificateChain", "certificate", "tlogEntries", "timestampVerificationData")
    let keyMaterial = try self.keyMaterial(material, origin)
    let content = try self.content(root)
    var entries: [LogEntry] = []
    for node in try material.list("tlogEntries", atMost: BundleLimits.logEntries) {
      entries.append(try logEntry(node))
    }
    var timestamps: [[UInt8]] = []
    if let data = try material.message("timestampVerificationData") {
      try data.checkSpelling("rfc3161Timestamps")
      for node in try data.list("rfc3161Timestamps", atMost: BundleLimits.timestamps) {
        try node.checkSpelling("signedTimestamp")
        timestamps.append(try node.field("signedTimestamp").base64())
      }
    }
    return Bundle(
      origin: origin, keyMaterial: keyMaterial, logEntries: entries, timestamps: timestamps, content: content)
  }

  private static func keyMaterial(
    _ material: BundleNode, _ origin: Bundle.Origin
  ) throws(BundleFailure) -> Bundle.KeyMaterial {
    let single = try material.optional("certificate")
    let chain = try material.optional("x509CertificateChain")
    let key = try material.optional("publicKey")
    let present = [single, chain, key].compactMap(\.self)
    guard present.count == 1 else {
      throw BundleFailure(
        present.isEmpty ? .fieldMissing : .conflict,
        "exactly one of certificate, x509CertificateChain and publicKey is due", place: material.place)
    }
    if let key {
      return .publicKey(hint: try key.optional("hint")?.string(), embedded: nil)
    }
    if let single {
      guard origin == .v0_3 else {
        throw BundleFailure(
          .fieldInvalid, "a \(origin.rawValue) holds an x509CertificateChain", place: single.place)
      }
      try single.checkSpelling("rawBytes")
      return .certificate(leaf: try certificate(single), others: [])
    }
    guard let chain, origin != .v0_3 else {
      throw BundleFailure(.fieldInvalid, "a \(origin.rawValue) holds a single certificate", place: material.place)
    }
    var certificates: [[UInt8]] = []
    for node in try chain.list("certificates", atMost: BundleLimits.certificates) {
      certificates.append(try certificate(node))
    }
    guard let leaf = certificates.first else {
      throw BundleFailure(.fieldMissing, "the certificate chain is empty", place: chain.place)
    }
    return .certificate(leaf: leaf, others: Array(certificates.dropFirst()))
  }

  private static func certificate(_ node: BundleNode) throws(BundleFailure) -> [UInt8] {
    try node.checkSpelling("rawBytes")
    return try node.field("rawBytes").base64()
  }

  private static func content(_ root: BundleNode) throws(BundleFailure) -> SignedContent {
    let message = try root.optional("messageSignature")
    let envelope = try root.optional("dsseEnvelope")
    if message != nil, envelope != nil {
      throw BundleFailure(.conflict, "both messageSignature and dsseEnvelope", place: root.place)
    }
    if let envelope { return .envelope(try Envelope(envelope)) }
    guard let message else {
      throw BundleFailure(.fieldMissing, "neither messageSignature nor dsseEnvelope", place: root.place)
    }
    try message.checkSpelling("messageDigest", "signature")
    let signature = try message.field("signature")
    return .message(
      MessageSignature(
        signature: try checkedSignature(try signature.base64(), place: signature.place),
        digest: try messageDigest(message)))
  }

  private static func messageDigest(_ message: BundleNode) throws(BundleFailure) -> Digest? {
    guard let node = try message.message("messageDigest") else { return nil }
    let algorithm = try node.field("algorithm")
    let names: [String: HashAlgorithm] = ["SHA2_256": .sha256, "SHA2_384": .sha384, "SHA2_512": .sha512]
    let name = try algorithm.string()
    guard let known = names[name] else {
      throw BundleFailure(
        .fieldInvalid, "message digest algorithm", got: name, want: "SHA2_256, SHA2_384 or SHA2_512",
        place: algorithm.place)
    }
    let value = try node.field("digest")
    guard let digest = Digest(known, try value.base64()) else {
      throw BundleFailure(.fieldInvalid, "a \(name) digest has \(known.byteCount) bytes", place: value.place)
    }
    return digest
  }

  private static func logEntry(_ node: BundleNode) throws(BundleFailure) -> LogEntry {
    try node.checkSpelling(
      "logIndex", "logId", "kindVersion", "integratedTime", "inclusionPromise", "inclusionProof",
      "canonicalizedBody")
    let kindVersion = try node.field("kindVersion")
    let logID = try node.field("logId")
    try logID.checkSpelling("keyId")
    var integratedTime: Int64?
    if let time = try node.optional("integratedTime") {
      // Zero is how proto3 writes "none"; Rekor v2 has no integrated time.
      let seconds = Int64(try time.unsigned(try time.protoInteger()))
      integratedTime = seconds == 0 ? nil : seconds
    }
    var promise: [UInt8]?
    if let message = try node.message("inclusionPromise") {
      try message.checkSpelling("signedEntryTimestamp")
      let field = try message.field("signedEntryTimestamp")
      promise = try checkedSignature(try field.base64(), place: field.place)
    }
    return LogEntry(
      place: node.place, logIndex: try index(node, "logIndex"), logID: try logID.field("keyId").bytes(count: 32),
      kindVersion: LogEntry.KindVersion(
        kind: try kindVersion.field("kind").string(), version: try kindVersion.field("version").string()),
      integratedTime: integratedTime, promise: promise,
      proof: try node.message("inclusionProof").map(inclusionProof),
      canonicalizedBody: try node.field("canonicalizedBody").base64())
  }

  /// An omitted int64 is zero in proto3.
  private static func index(_ node: BundleNode, _ name: String) throws(BundleFailure) -> UInt64 {
    guard let field = try node.optional(name) else { return 0 }
    return try field.unsigned(try field.protoInteger())
  }

  private static func inclusionProof(_ node: BundleNode) throws(BundleFailure) -> LogEntry.InclusionProof {
    try node.checkSpelling("logIndex", "rootHash", "treeSize", "hashes", "checkpoint")
    var hashes: [[UInt8]] = []
    for hash in try node.list("hashes", atMost: BundleLimits.proofHashes) {
      hashes.append(try hash.bytes(count: 32))
    }
    let checkpoint = try node.message("checkpoint")?.optional("envelope")?.string()
    return LogEntry.InclusionProof(
      logIndex: try index(node, "logIndex"), treeSize: try index(node, "treeSize"),
      rootHash: try node.field("rootHash").bytes(count: 32), hashes: hashes,
      checkpoint: checkpoint.flatMap { $0.isEmpty ? nil : $0 })
  }
}

/// A signature of believable length.
func checkedSignature(_ bytes: [UInt8], place: String?) throws(BundleFailure) -> [UInt8] {
  guard !bytes.isEmpty else { throw BundleFailure(.signatureEmpty, place: place) }
  guard bytes.count <= BundleLimits.signatureBytes else {
    throw BundleFailure(
      .tooLarge, "signature", got: "\(bytes.count) bytes", want: "at most \(BundleLimits.signatureBytes)", place: place)
  }
  return bytes
}
