public import OpenSSLCrypto
public import SigstoreBundle
public import WireCoding

/// RFC 6962, 2.1: the tree over SHA-256, leaves and nodes kept apart by a prefix byte.
public enum MerkleProof {
  /// `SHA-256(0x00 || leaf)`
  public static func leafHash(_ leaf: [UInt8]) throws(CryptoFailure) -> [UInt8] {
    try sha256([0x00] + leaf)
  }

  static func nodeHash(_ left: [UInt8], _ right: [UInt8]) throws(CryptoFailure) -> [UInt8] {
    try sha256([0x01] + left + right)
  }

  /// The root that the proof leads to (RFC 6962, 2.1.1; the arithmetic of RFC 9162, 2.1.3.2). Comparing it is the caller's part.
  ///
  /// `inner` levels lie below the path's meeting with the right edge of the tree; above it only left siblings exist.
  /// Throws `proofLength` unless index and size go together and the number of hashes is the one they ask for.
  public static func root(
    leafHash: [UInt8], index: UInt64, treeSize: UInt64, hashes: [[UInt8]]
  ) throws(RekorFailure) -> [UInt8] {
    guard treeSize > 0, index < treeSize else {
      throw RekorFailure(.proofLength, "index outside the tree", got: "\(index)", want: "below \(treeSize)")
    }
    let inner = 64 - (index ^ (treeSize - 1)).leadingZeroBitCount
    let border = inner < 64 ? (index >> UInt64(inner)).nonzeroBitCount : 0
    guard hashes.count == inner + border else {
      throw RekorFailure(.proofLength, got: "\(hashes.count) hashes", want: "\(inner + border)")
    }
    do throws(CryptoFailure) {
      var root = leafHash
      for (level, hash) in hashes.enumerated() {
        let isLeft = level < inner && (index >> UInt64(level)) & 1 == 0
        root = isLeft ? try nodeHash(root, hash) : try nodeHash(hash, root)
      }
      return root
    } catch {
      throw RekorFailure(.rootMismatch, error.detail)
    }
  }
}

extension MerkleProof {
  /// One level of an inclusion proof: the hash that it adds, on which side, and the node that both make.
  public struct Level: Sendable, Hashable {
    public let sibling: [UInt8]
    public let siblingIsLeft: Bool
    public let node: [UInt8]
  }

  /// The way from a leaf to the root, for showing it; `root` is what decides. Empty for a proof of the wrong length.
  public static func levels(
    leafHash: [UInt8], index: UInt64, treeSize: UInt64, hashes: [[UInt8]]
  ) -> [Level] {
    guard (try? root(leafHash: leafHash, index: index, treeSize: treeSize, hashes: hashes)) != nil else { return [] }
    let inner = 64 - (index ^ (treeSize - 1)).leadingZeroBitCount
    var node = leafHash
    var levels: [Level] = []
    for (level, hash) in hashes.enumerated() {
      let isLeft = level < inner && (index >> UInt64(level)) & 1 == 0
      guard let next = try? isLeft ? nodeHash(node, hash) : nodeHash(hash, node) else { return [] }
      node = next
      levels.append(Level(sibling: hash, siblingIsLeft: !isLeft, node: node))
    }
    return levels
  }
}

extension LogEntry {
  /// Throws unless the entry's id is the tree's id, as its checkpoint has it, and the hash of its body as a leaf: a Rekor v1 log names its
  /// entries so.
  ///
  /// - Parameter id: hex; the tree's id may be absent.
  public func checkID(_ id: String) throws(RekorFailure) {
    let hash: [UInt8]
    do throws(CryptoFailure) { hash = try MerkleProof.leafHash(canonicalizedBody) } catch {
      throw RekorFailure(.entryIDMismatch, error.detail, place: place)
    }
    let stated = (try? Hex.decode(id))?.suffix(32) ?? []
    guard stated.elementsEqual(hash) else {
      throw RekorFailure(.entryIDMismatch, got: Hex.encode(hash), want: Hex.encode(stated), place: place)
    }
    // An entry without a checkpoint is refused for that.
    guard let prefix = (try? Hex.decode(id))?.dropLast(32), !prefix.isEmpty, let note = proof?.checkpoint else {
      return
    }
    let tree = prefix.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let origin = try Checkpoint(parsing: note).origin
    guard prefix.count == 8, Checkpoint.treeID(of: origin) == tree else {
      throw RekorFailure(.entryIDMismatch, "tree", got: origin, want: String(tree), place: place)
    }
  }
}
