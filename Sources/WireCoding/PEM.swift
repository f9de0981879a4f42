/// One block of a PEM text.
public struct PEMBlock: Sendable, Hashable {
  public let label: String
  public let bytes: [UInt8]

  public init(label: String, bytes: [UInt8]) {
    self.label = label
    self.bytes = bytes
  }
}

/// RFC 7468, 2, strict: nothing but ASCII white space outside of blocks, no headers, strict base64, lines of any length.
public enum PEM {
  /// Bundles of authorities hold a few certificates.
  static let maximumBlocks = 100

  public static func decode(_ text: [UInt8]) throws(CodingFailure) -> [PEMBlock] {
    var blocks: [PEMBlock] = []
    var label: ArraySlice<UInt8>?
    var base64: [UInt8] = []
    var rest = text[...]
    while !rest.isEmpty {
      let end = rest.firstIndex(of: 0x0a) ?? rest.endIndex
      let line = end > rest.startIndex && rest[end - 1] == 0x0d ? rest[..<(end - 1)] : rest[..<end]
      rest = rest[end...].dropFirst()
      if let open = label {
        if let closing = marker(line, "-----END ") {
          guard closing == open else { throw CodingFailure(.pem, "BEGIN and END differ") }
          guard blocks.count < maximumBlocks else { throw CodingFailure(.tooMany, "more than \(maximumBlocks) blocks") }
          guard !base64.isEmpty else { throw CodingFailure(.pem, "an empty block") }
          blocks.append(PEMBlock(label: String(decoding: open, as: UTF8.self), bytes: try bytes(base64)))
          label = nil
          base64 = []
        } else {
          base64 += line
        }
      } else if let opening = marker(line, "-----BEGIN ") {
        label = opening
      } else if !line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0d }) {
        throw CodingFailure(.pem, "text outside of a block")
      }
    }
    guard label == nil else { throw CodingFailure(.pem, "a block without END") }
    guard !blocks.isEmpty else { throw CodingFailure(.pem, "no block") }
    return blocks
  }

  private static func bytes(_ base64: [UInt8]) throws(CodingFailure) -> [UInt8] {
    do throws(CodingFailure) { return try Base64.decode(base64) } catch {
      throw CodingFailure(.pem, "the block is not strict base64")
    }
  }

  /// The label of an encapsulation boundary.
  private static func marker(_ line: ArraySlice<UInt8>, _ start: StaticString) -> ArraySlice<UInt8>? {
    guard line.first == UInt8(ascii: "-"), line.count > start.utf8CodeUnitCount + 5,
      line.starts(with: UnsafeBufferPointer(start: start.utf8Start, count: start.utf8CodeUnitCount)),
      line.suffix(5).elementsEqual("-----".utf8)
    else { return nil }
    let label = line.dropFirst(start.utf8CodeUnitCount).dropLast(5)
    // Printable ASCII, with single blanks or dashes between: RFC 7468, 3.
    var previous: UInt8 = 0x20
    for byte in label {
      let isSeparator = byte == 0x20 || byte == 0x2d
      guard (0x20..<0x7f).contains(byte), !isSeparator || (previous != 0x20 && previous != 0x2d) else { return nil }
      previous = byte
    }
    return previous == 0x20 || previous == 0x2d ? nil : label
  }

  /// Lines of 64 characters, each with a newline.
  public static func encode(_ block: PEMBlock) -> String {
    var text = "-----BEGIN \(block.label)-----\n"
    var rest = Base64.encode(block.bytes)[...]
    while !rest.isEmpty {
      text += rest.prefix(64) + "\n"
      rest = rest.dropFirst(64)
    }
    return text + "-----END \(block.label)-----\n"
  }
}
