import FulcioCert
import OpenSSLCrypto
import Testing
import VirtualSigstore
import WireCoding

@Suite("Forms of names and claims")
struct ClaimTests {
  private let world = ChainWorld()

  private func claims(_ extensions: [VirtualExtension], _ bare: [Int: String] = [:]) throws -> FulcioClaims {
    try FulcioClaims(
      claimedBy: decodeLeaf(
        world.leaf {
          $0.claims = bare
          $0.extensions = extensions
        }))
  }

  private func code(_ extensions: [VirtualExtension], _ bare: [Int: String] = [:]) throws -> FulcioCode? {
    do {
      _ = try claims(extensions, bare).issuer()
      return nil
    } catch let error as FulcioFailure { return error.code }
  }

  private func nameCode(_ names: VirtualExtension...) throws -> FulcioCode? {
    let leaf = try decodeLeaf(
      world.leaf {
        $0.names = []
        $0.extensions = names
      })
    do throws(FulcioFailure) {
      _ = try SubjectName(claimedBy: leaf)
      return nil
    } catch { return error.code }
  }

  @Test("every claim is read under its own number, in its own form", arguments: FulcioClaim.allCases)
  func everyClaim(claim: FulcioClaim) throws {
    let number = claim.rawValue
    let value = try claims([.fulcio(number, "value \(number)")])
    #expect(value.values == [claim: "value \(number)"])
    #expect(value[claim] == "value \(number)")
    #expect(claim.objectIdentifier == "1.3.6.1.4.1.57264.1.\(number)")
  }

  @Test("case 36: bare text where DER is due is refused", arguments: FulcioClaim.allCases.filter { $0.rawValue > 6 })
  func bareText(claim: FulcioClaim) throws {
    #expect(try code([.fulcio(claim.rawValue, "text", as: .bare)], [1: "https://i"]) == .extensionMalformed)
  }

  @Test("case 36: a number whose form is bare holds its bytes as they are, if they are UTF-8")
  func bareClaims() throws {
    let wrapped = try claims([.fulcio(2, "push", as: .utf8String)])
    #expect(wrapped[.gitHubWorkflowTrigger] == "\u{c}\u{4}push")
    #expect(try claims([.fulcio(4, "Veröffentlichen")])[.gitHubWorkflowName] == "Veröffentlichen")
    let latin = VirtualExtension("1.3.6.1.4.1.57264.1.4", [0x56, 0xf6])
    #expect(try code([latin], [1: "https://i"]) == .extensionMalformed)
  }

  @Test("other arcs, and numbers that nobody has given yet, are no claims")
  func otherArcs() throws {
    let strangers = [
      VirtualExtension("1.3.6.1.4.1.57264.1.7", [1]), VirtualExtension("1.3.6.1.4.1.57264.1.25", [1]),
      VirtualExtension("1.3.6.1.4.1.57264.1.8.1", [1]), VirtualExtension("1.3.6.1.4.1.57264.2.8", [1]),
      VirtualExtension("1.3.6.1.4.1.57264.10.8", [1]),
    ]
    #expect(try claims(strangers, [8: "https://i"]).values == [.issuerV2: "https://i"])
  }

  @Test("case 32: issuers that look alike are not the same")
  func lookAlikes() throws {
    #expect(try code([], [1: "https://i", 8: "https://i"]) == nil)
    for other in ["https://i/", "https://I", "https://i ", "https://і", "http://i", "https://i\u{301}"] {
      #expect(try code([], [1: other, 8: "https://i"]) == .issuerConflict, "\(other)")
      #expect(try code([], [1: "https://i", 8: other]) == .issuerConflict, "\(other)")
    }
    // One text to the eye and to Swift, two in bytes.
    #expect(try code([], [1: "https://\u{e9}", 8: "https://e\u{301}"]) == .issuerConflict)
    #expect(try code([], [1: "", 8: "https://i"]) == .issuerConflict)
  }

  @Test(
    "case 34: characters that hide or forge, in the issuer",
    arguments: ["\u{0}", "\n", "\r", "\u{1b}", "\u{7f}", "\u{85}", "\u{200b}", "\u{202e}", "\u{2028}", "\u{feff}"])
  func issuerCharacters(character: String) throws {
    #expect(try code([], [1: "https://i" + character]) == .identityBadCharacter)
    #expect(try code([], [8: character + "https://i"]) == .identityBadCharacter)
  }

  @Test("case 34: characters that hide or forge, in names")
  func nameCharacters() throws {
    for character in ["\u{0}", "\n", "\r", "\u{1b}", "\u{7f}"] {
      #expect(try nameCode(.alternativeNames([.uri("https://a" + character)])) == .identityBadCharacter)
      #expect(try nameCode(.alternativeNames([.email(character + "a@b.c")])) == .identityBadCharacter)
    }
    // IA5 has no such letter, and Cyrillic а is not the a that it looks like.
    for text in ["https://gіthub.com", "https://\u{e9}", "а@b.c"] {
      #expect(try nameCode(.alternativeNames([.uri(text)])) == .identityBadCharacter)
      #expect(try nameCode(.alternativeNames([.email(text)])) == .identityBadCharacter)
    }
    let userName = "1.3.6.1.4.1.57264.1.7"
    for character in ["\u{0}", "\n", "\u{85}", "\u{200b}", "\u{202e}", "\u{2029}"] {
      #expect(
        try nameCode(.alternativeNames([.other(type: userName, text: "a" + character)])) == .identityBadCharacter)
    }
    #expect(try nameCode(.alternativeNames([.other(type: userName, text: "ä ß")])) == nil)
  }

  @Test("case 34: kinds of name that are nobody's identity")
  func kinds() throws {
    typealias D = DERWriter
    #expect(try nameCode(.alternativeNames([.raw(D.element(0x87, [127, 0, 0, 1]))])) == .identityWrongType)
    #expect(try nameCode(.alternativeNames([.raw(D.element(0x88, [0x2a, 0x03]))])) == .identityWrongType)
    #expect(try nameCode(.alternativeNames([.raw(D.element(0xa4, D.name(commonName: "a")))])) == .identityWrongType)
    #expect(try nameCode(.alternativeNames([.dns("https://github.com")])) == .identityWrongType)
    for type in ["1.3.6.1.4.1.57264.1.8", "1.3.6.1.4.1.57264.1", "1.3.6.1.4.1.311.20.2.3"] {
      #expect(try nameCode(.alternativeNames([.other(type: type, text: "a")])) == .identityWrongType)
    }
    #expect(try nameCode() == .identityMissing)
    #expect(try nameCode(.alternativeNames([.email("")])) == .identityMissing)
    #expect(try nameCode(.alternativeNames([.other(type: "1.3.6.1.4.1.57264.1.7", text: "")])) == .identityMissing)
  }

  @Test("case 36: an otherName of the right type whose value is not one UTF8String")
  func userNames() throws {
    typealias D = DERWriter
    let type = D.identifier("1.3.6.1.4.1.57264.1.7")
    func code(_ contents: [UInt8]) throws -> FulcioCode? {
      try nameCode(.alternativeNames([.raw(D.element(0xa0, contents))]))
    }
    #expect(try code(type + D.element(0xa0, D.utf8("a"))) == nil)
    #expect(try code(type + D.element(0xa0, D.element(0x16, [0x61]))) == .extensionMalformed)
    #expect(try code(type + D.element(0xa0, D.element(0x0c, [0xff]))) == .extensionMalformed)
    // libcrypto has refused these certificates before.
    for value in [D.utf8("a") + D.utf8("b"), [], [0x0c, 0x05, 0x61]] {
      let name = AlternativeName.raw(D.element(0xa0, type + D.element(0xa0, value)))
      let failure = #expect(throws: FulcioFailure.self, "\(value)") {
        _ = try decodeLeaf(world.leaf { $0.names = [name] })
      }
      #expect(failure?.code == .certificateMalformed)
    }
  }

  @Test("case 34: a name that is not critical, even beside a subject that has one")
  func notCritical() throws {
    let leaf = try decodeLeaf(
      world.leaf {
        $0.subject = DERWriter.name(commonName: "somebody")
        $0.namesAreCritical = false
      })
    let failure = #expect(throws: FulcioFailure.self) { _ = try SubjectName(claimedBy: leaf) }
    #expect(failure?.code == .identityNotCritical)
    let critical = try decodeLeaf(world.leaf { $0.subject = DERWriter.name(commonName: "somebody") })
    #expect(try SubjectName(claimedBy: critical).text == VirtualSigstore.identity)
  }
}
