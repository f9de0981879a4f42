public import WireCoding

/// A question to a Rekor v1 log: whether it holds the entry of one signature over one blob.
///
/// The log computes the entry's id from these very texts, so the key has to be PEM as every writer has it. Whoever is asked learns what is
/// being verified.
public struct LogQuery: Sendable, Hashable {
  /// SHA-256 of the blob: the only hash that such entries are found by.
  public let digest: [UInt8]
  public let signature: [UInt8]
  /// PEM of the certificate or the public key.
  public let verifier: String

  public init(digest: [UInt8], signature: [UInt8], verifier: String) {
    self.digest = digest
    self.signature = signature
    self.verifier = verifier
  }

  /// Nil for material that no such entry is about: an envelope, or a managed key that the bundle does not hold.
  ///
  /// - Parameter key: SubjectPublicKeyInfo of the managed key.
  public init?(_ bundle: Bundle, digest: [UInt8], key: [UInt8]?) {
    guard case .message(let message) = bundle.content else { return nil }
    switch (bundle.keyMaterial, key) {
    case (.certificate(let leaf, _), _): verifier = PEM.encode(PEMBlock(label: "CERTIFICATE", bytes: leaf))
    case (.publicKey, let key?): verifier = PEM.encode(PEMBlock(label: "PUBLIC KEY", bytes: key))
    case (.publicKey, nil): return nil
    }
    self.digest = digest
    signature = message.signature
  }

  /// The body of `POST /api/v1/log/entries/retrieve`. Nothing in it needs escaping.
  public var json: String {
    #"{"entries":[{"apiVersion":"0.0.1","kind":"hashedrekord","spec":{"data":{"hash":{"algorithm":"sha256","value":""#
      + #"\#(Hex.encode(digest))"}},"signature":{"content":"\#(Base64.encode(signature))","publicKey":{"content":""#
      + #"\#(Base64.encode(Array(verifier.utf8)))"}}}}]}"#
  }
}

/// What a Rekor v1 log answers (rekor's openapi.yaml, `LogEntry`):
///
///     [{"<entry id>": {"body": base64, "integratedTime": number, "logID": hex, "logIndex": number,
///       "verification": {"signedEntryTimestamp": base64,
///         "inclusionProof": {"checkpoint": text, "hashes": [hex], "logIndex": number, "rootHash": hex, "treeSize": number}}}}]
///
/// Well-formed, and nothing more: the server may answer with whatever it likes.
public struct LogAnswer: Sendable, Hashable {
  /// Tree id (16 hex digits, may be absent) and leaf hash (64).
  public let entryID: String
  public let entry: LogEntry

  /// In bytes. An entry has some 10 KB.
  public static let limit = 1 << 20

  public static func list(parsing file: [UInt8]) throws(BundleFailure) -> [LogAnswer] {
    let root = try BundleNode.parse(file)
    var answers: [LogAnswer] = []
    for node in try root.elements(atMost: BundleLimits.logEntries) {
      let names = try node.names()
      guard let name = names.first, names.count == 1 else {
        throw BundleFailure(.fieldInvalid, "one entry by its id is due", place: node.place)
      }
      guard [64, 80].contains(name.utf8.count), (try? Hex.decode(name)) != nil else {
        throw BundleFailure(.fieldInvalid, "entry id", got: name, want: "64 or 80 hex digits", place: node.place)
      }
      answers.append(LogAnswer(entryID: name, entry: try entry(node.field(name))))
    }
    return answers
  }

  private static func entry(_ node: BundleNode) throws(BundleFailure) -> LogEntry {
    let verification = try node.optional("verification")
    let promise = try verification?.optional("signedEntryTimestamp")
    let time = try node.field("integratedTime")
    let seconds = Int64(try time.unsigned(try time.integer()))
    let index = try node.field("logIndex")
    return LogEntry(
      place: node.place, logIndex: try index.unsigned(try index.integer()),
      logID: try node.field("logID").hex(count: 32), kindVersion: nil, integratedTime: seconds == 0 ? nil : seconds,
      promise: try promise.map { (field) throws(BundleFailure) in
        try checkedSignature(try field.base64(), place: field.place)
      }, proof: try verification?.message("inclusionProof").map(proof),
      canonicalizedBody: try node.field("body").base64())
  }

  private static func proof(_ node: BundleNode) throws(BundleFailure) -> LogEntry.InclusionProof {
    var hashes: [[UInt8]] = []
    for hash in try node.list("hashes", atMost: BundleLimits.proofHashes) { hashes.append(try hash.hex(count: 32)) }
    let (index, size) = (try node.field("logIndex"), try node.field("treeSize"))
    let checkpoint = try node.optional("checkpoint")?.string()
    return LogEntry.InclusionProof(
      logIndex: try index.unsigned(try index.integer()), treeSize: try size.unsigned(try size.integer()),
      rootHash: try node.field("rootHash").hex(count: 32), hashes: hashes,
      checkpoint: checkpoint.flatMap { $0.isEmpty ? nil : $0 })
  }
}

extension Bundle {
  /// The same signature and key with an entry that the log itself gave: everything that a log can show is due of it.
  public func lookedUp(_ entry: LogEntry) -> Bundle {
    Bundle(
      origin: .lookedUp, keyMaterial: keyMaterial, logEntries: [entry], timestamps: timestamps, content: content)
  }
}
