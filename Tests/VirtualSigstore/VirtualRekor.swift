/// A Rekor log: a tree of entries, checkpoints over it and, for v1, promises.
public struct VirtualRekor: Sendable {
  public var key: VirtualKey
  public var host: String
  public var treeID: UInt64 = 1_193_050_959_916_656_506
  /// Entries of earlier shards: what separates the global index from the index in the tree.
  public var earlierEntries: UInt64 = 4_163_431
  /// Rekor v2: the log id is the hash of name and key, and the name is the origin.
  public var isTiled = false
  public private(set) var leaves: [[UInt8]] = []

  /// - Parameter filler: how many entries are there already.
  public init(host: String = "rekor.virtual.test", kind: VirtualKey.Kind = .p256, seed: String, filler: Int = 11) {
    self.host = host
    key = VirtualKey(kind, seed: "rekor " + seed)
    for number in 0..<filler { append(Array("filler \(number)".utf8)) }
  }

  /// A Rekor v2 log.
  public static func tiled(host: String = "tiles.virtual.test", seed: String) -> VirtualRekor {
    var log = VirtualRekor(host: host, kind: .ed25519, seed: "tiles " + seed)
    log.isTiled = true
    log.earlierEntries = 0
    return log
  }

  public var logID: [UInt8] {
    let information = key.subjectPublicKeyInfo
    guard isTiled else { return HashName.sha256(information) }
    return HashName.sha256(Array("\(host)\n".utf8) + [0x01] + information.suffix(32))
  }

  public var origin: String { isTiled ? host : "\(host) - \(treeID)" }

  /// Index in the tree.
  @discardableResult
  public mutating func append(_ body: [UInt8]) -> UInt64 {
    leaves.append(body)
    return UInt64(leaves.count - 1)
  }

  /// The tree as it was with its first `size` entries; all of them where that is nil.
  private func tree(_ size: UInt64?) -> [[UInt8]] { size.map { Array(leaves.prefix(Int($0))) } ?? leaves }

  public func root(size: UInt64? = nil) -> [UInt8] { SlowMerkle.root(tree(size)) }

  public func path(_ index: UInt64, size: UInt64? = nil) -> [[UInt8]] { SlowMerkle.path(Int(index), tree(size)) }

  /// A checkpoint over the tree. Further signature lines stand behind the log's own.
  ///
  /// - Parameters:
  ///   - origin: put in place of the log's own first line.
  ///   - key: signs in place of the log's key, under its own hint.
  public func checkpoint(
    size: UInt64? = nil, origin: String? = nil, extensionLines: [String] = [], key: VirtualKey? = nil,
    moreSignatures: [String] = []
  ) -> String {
    let lines = [origin ?? self.origin, String(tree(size).count), Encoding.base64(root(size: size))] + extensionLines
    let text = lines.joined(separator: "\n") + "\n"
    return text + "\n" + ([signatureLine(over: text, key: key)] + moreSignatures).joined(separator: "\n") + "\n"
  }

  /// - Parameter hint: four bytes, put in place of those that belong to the key.
  public func signatureLine(
    over text: String, name: String? = nil, key: VirtualKey? = nil, hint: [UInt8]? = nil
  ) -> String {
    let key = key ?? self.key
    let hint = hint ?? Array((isTiled ? logID : HashName.sha256(key.subjectPublicKeyInfo)).prefix(4))
    return "— \(name ?? host) \(Encoding.base64(hint + key.sign(Array(text.utf8))))"
  }

  /// The signed entry timestamp.
  ///
  /// - Parameters:
  ///   - key: signs in place of the log's key.
  ///   - logID: put in place of the log's own.
  public func promise(
    body: [UInt8], integratedTime: Int64, globalIndex: UInt64, key: VirtualKey? = nil, logID: [UInt8]? = nil
  ) -> [UInt8] {
    let text =
      #"{"body":"\#(Encoding.base64(body))","integratedTime":\#(integratedTime),"#
      + #""logID":"\#(Encoding.hex(logID ?? self.logID))","logIndex":\#(globalIndex)}"#
    return (key ?? self.key).sign(Array(text.utf8))
  }

  /// The canonical body of a hashedrekord 0.0.1.
  public static func hashedRekord(digest: [UInt8], hash: HashName, signature: [UInt8], verifierPEM: String) -> [UInt8] {
    Array(
      (#"{"apiVersion":"0.0.1","kind":"hashedrekord","spec":{"data":{"hash":{"algorithm":"\#(hash.rawValue)","#
        + #""value":"\#(Encoding.hex(digest))"}},"signature":{"content":"\#(Encoding.base64(signature))","#
        + #""publicKey":{"content":"\#(Encoding.base64(Array(verifierPEM.utf8)))"}}}}"#).utf8)
  }
}
