/// The presentation language of TLS (RFC 8446, 3): big-endian numbers and length-prefixed vectors.
public struct TLSReader: Sendable {
  private var rest: ArraySlice<UInt8>

  public init(_ bytes: [UInt8]) { rest = bytes[...] }
  public init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  public var isAtEnd: Bool { rest.isEmpty }

  public mutating func bytes(_ count: Int) throws(CodingFailure) -> ArraySlice<UInt8> {
    guard count >= 0, count <= rest.count else { throw CodingFailure(.tls, "truncated: \(count) bytes are due") }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }

  private mutating func number(_ count: Int) throws(CodingFailure) -> UInt64 {
    try bytes(count).reduce(0) { $0 << 8 | UInt64($1) }
  }

  public mutating func uint8() throws(CodingFailure) -> UInt8 { UInt8(truncatingIfNeeded: try number(1)) }
  public mutating func uint16() throws(CodingFailure) -> UInt16 { UInt16(truncatingIfNeeded: try number(2)) }
  public mutating func uint24() throws(CodingFailure) -> UInt32 { UInt32(truncatingIfNeeded: try number(3)) }
  public mutating func uint64() throws(CodingFailure) -> UInt64 { try number(8) }

  /// `opaque value<0..2^16-1>`
  public mutating func opaque16() throws(CodingFailure) -> ArraySlice<UInt8> { try bytes(Int(try uint16())) }

  /// Throws where bytes are left over.
  public func finish() throws(CodingFailure) {
    guard rest.isEmpty else { throw CodingFailure(.tls, "\(rest.count) bytes left over") }
  }
}
