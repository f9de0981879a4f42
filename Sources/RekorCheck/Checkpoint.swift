public import WireCoding

/// A checkpoint: the signed note in which a log states size and root hash of its tree (C2SP tlog-checkpoint and signed-note).
///
///     <origin>\n<tree size, decimal>\n<root hash, base64>\n[extension lines]\n        signed text
///     \n
///     — <key name> <base64 of 4-byte key hint and signature>\n                        one line or more
///
/// Reading it says nothing about who signed it.
public struct Checkpoint: Sendable, Hashable {
  package struct SignatureLine: Sendable, Hashable {
    package let keyName: String
    package let keyHint: [UInt8]
    let signature: [UInt8]
  }

  public let origin: String
  public let treeSize: UInt64
  /// 32 bytes.
  public let rootHash: [UInt8]
  /// The bytes that are signed, the newline of the last line included.
  let signedText: [UInt8]
  package let signatures: [SignatureLine]

  /// Public checkpoints have under 1 KB; witnesses add a line of about 130 bytes each.
  static let maximumBytes = 64 * 1024
  /// The note format asks readers for at least 16 lines.
  static let maximumSignatures = 64

  public init(parsing note: String) throws(RekorFailure) {
    let bytes = Array(note.utf8)
    guard bytes.count <= Self.maximumBytes else { throw Self.malformed("longer than \(Self.maximumBytes) bytes") }
    guard bytes.allSatisfy({ $0 >= 0x20 || $0 == 0x0a }) else { throw Self.malformed("control character") }
    guard bytes.last == 0x0a else { throw Self.malformed("no newline at the end") }
    guard let blank = Self.lastBlankLine(bytes) else { throw Self.malformed("no blank line before the signatures") }
    signedText = Array(bytes[..<blank])
    signatures = try Self.signatureLines(bytes[(blank + 1)...])

    let lines = signedText.dropLast().split(separator: 0x0a, omittingEmptySubsequences: false)
    guard lines.count >= 3 else { throw Self.malformed("fewer than three lines") }
    guard lines.allSatisfy({ !$0.isEmpty }) else { throw Self.malformed("empty line in the text") }
    origin = String(decoding: lines[0], as: UTF8.self)
    let size = String(decoding: lines[1], as: UTF8.self)
    // Printed again and compared: no sign, no leading zero, no blank.
    guard let treeSize = UInt64(size), String(treeSize) == size else { throw Self.malformed("tree size", got: size) }
    self.treeSize = treeSize
    guard let rootHash = try? Base64.decode(lines[2]), rootHash.count == 32 else {
      throw Self.malformed("root hash", got: String(decoding: lines[2], as: UTF8.self))
    }
    self.rootHash = rootHash
  }

  /// Index of the newline that is the blank line; text may hold none after it.
  private static func lastBlankLine(_ bytes: [UInt8]) -> Int? {
    guard bytes.count > 1 else { return nil }
    for index in stride(from: bytes.count - 1, to: 0, by: -1) where bytes[index] == 0x0a && bytes[index - 1] == 0x0a {
      return index
    }
    return nil
  }

  private static func signatureLines(_ bytes: ArraySlice<UInt8>) throws(RekorFailure) -> [SignatureLine] {
    let lines = bytes.split(separator: 0x0a, maxSplits: maximumSignatures + 1)
    guard !lines.isEmpty else { throw malformed("no signature line") }
    guard lines.count <= maximumSignatures else { throw malformed("more than \(maximumSignatures) signature lines") }
    var signatures: [SignatureLine] = []
    for line in lines {
      // An em dash and a space, in UTF-8.
      guard line.starts(with: [0xe2, 0x80, 0x94, 0x20]) else { throw malformed("a signature line without its dash") }
      let parts = line.dropFirst(4).split(separator: 0x20, omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[0].isEmpty, !parts[0].contains(UInt8(ascii: "+")) else {
        throw malformed("a signature line is not: dash, key name, signature")
      }
      guard let blob = try? Base64.decode(parts[1]), blob.count > 4 else {
        throw malformed("a signature that is not base64 of a key hint and a signature")
      }
      signatures.append(
        SignatureLine(
          keyName: String(decoding: parts[0], as: UTF8.self), keyHint: Array(blob[..<4]),
          signature: Array(blob[4...])))
    }
    return signatures
  }

  /// The tree id in the origin of a Rekor v1 log, `<host> - <tree id>`; nil for any other origin.
  public static func treeID(of origin: String) -> UInt64? {
    let parts = origin.utf8.split(separator: 0x20, omittingEmptySubsequences: false)
    guard parts.count == 3, !parts[0].isEmpty, parts[1].elementsEqual([0x2d]), let text = String(parts[2]),
      let id = UInt64(text), String(id) == text
    else { return nil }
    return id
  }

  private static func malformed(_ detail: String, got: String? = nil) -> RekorFailure {
    RekorFailure(.checkpointMalformed, detail, got: got)
  }

  /// Checks that `log` signed this checkpoint. Lines of other keys (witnesses, older keys) are left alone, in any order;
  /// a line that names the log's key must verify.
  ///
  /// A Rekor v1 log may use any origin, since private instances do; a tiled log's origin is its name.
  func verify(by log: TransparencyLog) throws(RekorFailure) {
    if log.isTiled, origin != log.name {
      throw RekorFailure(.checkpointUntrusted, "origin", got: origin, want: log.name)
    }
    let own = signatures.filter { $0.keyHint == log.keyHint && (!log.isTiled || $0.keyName == log.name) }
    guard !own.isEmpty else {
      throw RekorFailure(
        .checkpointUntrusted, "no signature line of the log's key",
        got: signatures.map { Hex.encode($0.keyHint) }.joined(separator: ", "), want: Hex.encode(log.keyHint))
    }
    for line in own where !log.signed(line.signature, over: signedText) {
      throw RekorFailure(.checkpointUntrusted, "the signature of \(log.name) does not verify")
    }
  }
}
