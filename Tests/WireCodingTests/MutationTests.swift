import Testing
import WireCoding

/// Broken input gives an error or a value, and never a trap. What is accepted is read to the last leaf.
struct MutationTests {
  static let rounds = 20_000

  static let nodeReaders: [@Sendable (JSONNode) throws -> Void] = [
    { _ = try $0.protoInteger() }, { _ = try $0.base64() }, { _ = try $0.hex() },
  ]

  static let valueReaders: [@Sendable (DERValue) throws -> Void] = [
    { _ = try $0.objectIdentifier() }, { _ = try $0.boolean() }, { _ = try $0.smallInteger() },
    { _ = try $0.unsignedIntegerBytes() }, { _ = try $0.bitStringOctets() }, { _ = try $0.namedBits() },
    { _ = try $0.utf8() }, { _ = try $0.ia5() }, { _ = try $0.time(allowingFraction: true) },
  ]

  static func walk(_ node: JSONNode) throws(CodingFailure) -> Int {
    var count = 1
    if node.isObject {
      for name in try node.fieldNames() { if let field = try node.optionalField(name) { count += try walk(field) } }
    } else if node.isArray {
      for element in try node.elements(atMost: .max) { count += try walk(element) }
    } else {
      for read in nodeReaders {
        if (try? read(node)) != nil { count += 1 }
      }
    }
    return count
  }

  @Test func brokenJSONNeverTraps() {
    let text =
      "{\"a\":[1,-2.5e+7,\"x\\u00e9\\ud83d\\ude00\\n\"],\"b\":{\"\":null,\"c\":[true,false,[],{}]},\"d\":\"Zm9v\",\"e\":\"\u{e9}\"}"
    var generator = Generator(seed: 11)
    var (accepted, refused) = (0, 0)
    for _ in 0..<Self.rounds {
      var bytes = generator.mutated(Array(text.utf8))
      if Bool.random(using: &generator) { bytes = generator.mutated(bytes) }
      do throws(CodingFailure) { accepted += try Self.walk(try JSONNode.parse(bytes)) } catch { refused += 1 }
    }
    #expect(accepted > 0)
    #expect(refused > Self.rounds / 2)
  }

  /// Goes into every constructed element, and reads every primitive one as every type.
  static func walk(_ reader: DERReader, depth: Int) throws(CodingFailure) -> Int {
    var reader = reader
    var count = 0
    while !reader.isAtEnd {
      let value = try reader.read()
      count += 1
      if value.tag & 0x20 != 0, depth < 50 { count += try walk(value.reader, depth: depth + 1) }
      for read in valueReaders {
        if (try? read(value)) != nil { count += 1 }
      }
    }
    return count
  }

  @Test func brokenDERNeverTraps() {
    let leaves =
      DER.encode(DERTag.objectIdentifier, [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d]) + DER.encode(DERTag.boolean, [0xff])
      + DER.encode(DERTag.integer, [0x00, 0xff, 0x01]) + DER.encode(DERTag.bitString, [0x05, 0xa0])
      + DER.encode(DERTag.utf8String, Array("h\u{e9}".utf8)) + DER.encode(DERTag.utcTime, Array("240319172626Z".utf8))
      + DER.encode(DERTag.generalizedTime, Array("20240319172626.125Z".utf8))
    let long = DER.encode(DERTag.octetString, [UInt8](repeating: 0xab, count: 200))
    let bytes = DER.encode(
      DERTag.sequence, leaves + DER.encode(DERTag.context(0, constructed: true), leaves + long) + long)
    var generator = Generator(seed: 12)
    var (accepted, refused) = (0, 0)
    for _ in 0..<Self.rounds {
      let mutant = generator.mutated(generator.mutated(bytes))
      do throws(CodingFailure) { accepted += try Self.walk(DERReader(mutant), depth: 0) } catch { refused += 1 }
    }
    #expect(accepted > 0)
    #expect(refused > Self.rounds / 10)
  }

  @Test func brokenPEMAndTimesNeverTrap() {
    let pem = PEM.encode(PEMBlock(label: "PUBLIC KEY", bytes: Generator.sample(70)))
    var generator = Generator(seed: 13)
    var (accepted, refused) = (0, 0)
    for _ in 0..<Self.rounds {
      do throws(CodingFailure) {
        accepted += try PEM.decode(generator.mutated(Array(pem.utf8))).count
      } catch { refused += 1 }
      let time = generator.mutated(Array("2024-03-19T17:26:26.125+01:00".utf8))
      do throws(CodingFailure) {
        accepted += try UnixTime(rfc3339: String(decoding: time, as: UTF8.self)).rfc3339.utf8.count
      } catch { refused += 1 }
    }
    #expect(accepted > 0)
    #expect(refused > Self.rounds)
  }

  @Test func noiseNeverTraps() {
    var generator = Generator(seed: 14)
    var refused = 0
    for _ in 0..<Self.rounds {
      let bytes = generator.bytes(Int.random(in: 0..<40, using: &generator))
      do throws(CodingFailure) { _ = try Self.walk(try JSONNode.parse(bytes)) } catch { refused += 1 }
      do throws(CodingFailure) { _ = try Self.walk(DERReader(bytes), depth: 0) } catch { refused += 1 }
      do throws(CodingFailure) { _ = try PEM.decode(bytes) } catch { refused += 1 }
      do throws(CodingFailure) { _ = try Base64.decode(bytes) } catch { refused += 1 }
    }
    #expect(refused > Self.rounds * 3)
  }
}
