import SigstoreVerify
import VerdictReport
import WireCoding

/// Where the artifact comes from.
enum BlobSource: Hashable {
  case standardInput
  case file([UInt8])
  /// Read already.
  case bytes([UInt8], path: [UInt8])
  /// `path` is the argument itself: a file of that very name makes it ambiguous. Nil for a digest that no argument could be taken for.
  case digest(Digest, path: [UInt8]?)

  /// - Parameter argument: a path, `-`, or `sha256:HEX` (sha384, sha512).
  init(_ argument: [UInt8]) throws(Refusal) {
    guard !argument.isEmpty else { throw .usage("the name of BLOB is empty") }
    if argument == Array("-".utf8) {
      self = .standardInput
      return
    }
    if let scheme = remoteScheme(argument) {
      throw .usage("BLOB is a \(scheme) address", advice: "fetch it first, and pass the path of the file")
    }
    for algorithm in HashAlgorithm.allCases {
      let prefix = Array((algorithm.rawValue + ":").utf8)
      guard argument.starts(with: prefix) else { continue }
      let hex = String(decoding: argument.dropFirst(prefix.count), as: UTF8.self)
      guard !hex.isEmpty else {
        throw Refusal(VerifyFailure(.nothingToVerify, "BLOB is a digest without digits"))
      }
      guard let bytes = try? Hex.decode(hex), let digest = Digest(algorithm, bytes) else {
        throw .usage(
          "BLOB is no \(algorithm.rawValue) digest: \(algorithm.byteCount * 2) hex digits are due",
          advice: "for a file of that name write ./ in front")
      }
      self = .digest(digest, path: argument)
      return
    }
    self = .file(argument)
  }

  /// Of a file.
  var path: [UInt8]? {
    switch self {
    case .file(let path), .bytes(_, let path): path
    case .standardInput, .digest: nil
    }
  }

  /// For messages; not escaped.
  var label: String {
    switch self {
    case .standardInput: "standard input"
    case .file(let path), .bytes(_, let path), .digest(_, let path?): "BLOB " + Terminal.escaped(bytes: path)
    case .digest(_, nil): "--digest"
    }
  }
}
