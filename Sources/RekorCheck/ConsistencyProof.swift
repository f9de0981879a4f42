import OpenSSLCrypto
public import WireCoding

/// RFC 6962, 2.1.2: that a tree is the beginning of a larger one.
public enum ConsistencyProof {
  /// As many as an inclusion proof and one more has.
  public static let mostHashes = 65

  /// Throws unless the proof leads to both roots (the arithmetic of RFC 9162, 2.1.4.2).
  ///
  /// - Parameters:
  ///   - first: of the earlier tree: size above zero, at most that of the later one.
  ///   - hashes: empty for trees of one size.
  public static func verify(
    first: (size: UInt64, root: [UInt8]), second: (size: UInt64, root: [UInt8]), hashes: [[UInt8]]
  ) throws(RekorFailure) {
    let failure = RekorFailure(
      .inconsistent, got: "tree of \(second.size) with root \(Hex.encode(second.root))",
      want: "tree of \(first.size) with root \(Hex.encode(first.root)) as its beginning")
    guard first.size > 0, first.size <= second.size, hashes.count <= mostHashes else { throw failure }
    if first.size == second.size {
      guard hashes.isEmpty, first.root == second.root else { throw failure }
      return
    }
    // The root of a full tree is a node of the larger one, and stands for itself.
    let path = (first.size.nonzeroBitCount == 1 ? [first.root] : []) + hashes
    guard let start = path.first else { throw failure }
    var (left, right) = (first.size - 1, second.size - 1)
    while left & 1 == 1 { (left, right) = (left >> 1, right >> 1) }
    var (firstRoot, secondRoot) = (start, start)
    for hash in path.dropFirst() {
      guard right > 0 else { throw failure }
      if left & 1 == 1 || left == right {
        firstRoot = try node(hash, firstRoot)
        secondRoot = try node(hash, secondRoot)
        while left & 1 == 0, left != 0 { (left, right) = (left >> 1, right >> 1) }
      } else {
        secondRoot = try node(secondRoot, hash)
      }
      (left, right) = (left >> 1, right >> 1)
    }
    guard right == 0, firstRoot == first.root, secondRoot == second.root else { throw failure }
  }

  private static func node(_ left: [UInt8], _ right: [UInt8]) throws(RekorFailure) -> [UInt8] {
    do throws(CryptoFailure) { return try MerkleProof.nodeHash(left, right) } catch {
      throw RekorFailure(.inconsistent, error.detail)
    }
  }
}

extension TransparencyLog {
  /// The checkpoint in a signed note, if it is this log's.
  public func checkpoint(in note: String) throws(RekorFailure) -> Checkpoint {
    let checkpoint = try Checkpoint(parsing: note)
    try checkpoint.verify(by: self)
    return checkpoint
  }
}
