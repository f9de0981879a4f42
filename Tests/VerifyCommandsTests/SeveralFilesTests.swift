import Testing
import VirtualSigstore
import WireCoding

@testable import VerifyCommands

/// Several files in one call, the signatures beside them, lists of digests, and files of several bundles.
@Suite("Several files in one call")
struct SeveralFilesTests {
  private let folder = TestFolder()
  private let root: String
  private let materials: [SignedMaterial]
  private let blobs: [String]

  init() {
    var world = VirtualSigstore()
    materials = (0..<6).map { world.sign(Array("artifact \($0)\n".utf8)) }
    root = folder.write("root.json", world.trustedRoot().bytes)
    blobs = materials.enumerated().map { [folder] in folder.write("blob\($0)", $1.artifact) }
    folder.write("blob0.sigstore.json", materials[0].bundle().bytes)
    folder.write("blob1.sigstore", materials[1].bundle(.v0_1).bytes)
    folder.write("blob2.bundle", materials[2].legacyBundle.bytes)
    folder.write("blob3.bundle", materials[3].bundle().bytes)
    folder.write("blob4.sig", materials[4].looseSignature)
    folder.write("blob4.pem", materials[4].looseCertificate)
  }

  private static let signer = [
    "--certificate-identity", SignedFolder.identity, "--certificate-oidc-issuer", SignedFolder.issuer,
  ]

  private func verify(_ arguments: [String], name: String = "nexo-verify") -> TestRun {
    TestRun.run(["verify-blob", "--trusted-root", root] + Self.signer + arguments, name: name)
  }

  private func path(_ name: String) -> String { folder.path + "/" + name }

  @Test("each with what lies beside it: one line each in their order, a last line, the status of the worst")
  func each() {
    let good = verify(Array(blobs.prefix(4)))
    #expect(good.status == 0)
    #expect(
      good.lines == blobs.prefix(4).map { "verified \"\($0)\": \(SignedFolder.identity)" } + ["4 verified, 0 failed"])
    let all = verify(blobs.reversed())
    #expect(all.status == 1)
    #expect(all.lines.count == 7)
    #expect(all.lines[0].hasPrefix("FAILED \"\(blobs[5])\": ") && all.lines[0].hasSuffix("(input.noSignatureBeside)"))
    #expect(all.lines[1].hasPrefix("FAILED \"\(blobs[4])\": ") && all.lines[1].hasSuffix("(log.missing)"))
    #expect(all.lines[2...5].allSatisfy { $0.hasPrefix("verified ") })
    #expect(all.lines[6] == "4 verified, 2 failed")
  }

  @Test("--json: one object each, every field there, the file named")
  func json() throws {
    let run = verify(["--json"] + blobs)
    let objects = try run.output.split(separator: "\n").map { try JSONNode.parse(Array($0.utf8)) }
    #expect(objects.count == 6)
    #expect(try objects.map { try $0.field("file").string() } == blobs)
    #expect(try objects.map { try $0.field("verified").bool() } == [true, true, true, true, false, false])
    #expect(try objects.map { try $0.field("exitStatus").integer() } == [0, 0, 0, 0, 1, 1])
    for object in objects { #expect(try object.fieldNames() == VerdictJSONTests.fields) }
    #expect(run.status == 1)
  }

  @Test("one file with its signature beside it is one verdict as ever")
  func one() {
    #expect(verify([blobs[2]]).lines.last == "Verified OK")
    #expect(verify([blobs[5]]).code == "input.noSignatureBeside")
    #expect(verify([path("none")]).code == "input.unreadable")
    // A script for cosign that lost its flag must not find something else.
    #expect(verify([blobs[2]], name: "cosign").code == "usage.nothingToVerify")
    #expect(verify([blobs[0], blobs[1]], name: "cosign").code == "usage.flag")
  }

  @Test("the first bundle beside a file counts, and its failure is final")
  func order() {
    folder.write("blob1.sigstore.json", materials[0].bundle().bytes)
    #expect(verify([blobs[1]]).status == 1)
    folder.write("blob2.sigstore", [])
    #expect(verify([blobs[2]]).code == "bundle.unknownFormat")
    // Empty placeholders of loose files are no reason to look further.
    folder.write("blob5.sig", [])
    folder.write("blob5.pem", materials[5].looseCertificate)
    #expect(verify([blobs[5]]).code == "input.signatureEmpty")
  }

  @Test("what has no name has nothing beside it; several files and one bundle do not go together")
  func misuse() {
    for arguments in [
      [blobs[0], "-"], [blobs[0], "sha256:" + String(repeating: "0", count: 64)],
      ["--bundle", path("blob0.sigstore.json"), blobs[0], blobs[1]], [blobs[0], ""],
      ["--signature", path("blob4.sig"), "--certificate", path("blob4.pem"), blobs[0], blobs[1]],
    ] {
      #expect(verify(arguments).code == "usage.flag", "\(arguments)")
    }
  }

  @Test("a name cannot look like a verdict")
  func names() {
    let name = folder.write("x\"\nverified \"y", [1])
    let run = verify([name, blobs[0]])
    #expect(run.lines.count == 3)
    #expect(run.lines[0].contains("x\\u{22}\\u{a}verified \\u{22}y\": "))
    #expect(run.lines.last == "1 verified, 1 failed")
  }

  @Test("results come in order, each once, from however many threads")
  func inOrder() {
    for count in [0, 1, 2, 7, 500] {
      var taken: [Int] = []
      InOrder.run(count: count, { $0 * 2 }) { index, value in
        #expect(value == index * 2)
        taken.append(index)
      }
      #expect(taken == Array(0..<count))
    }
  }

  // MARK: Several bundles in a file

  @Test("JSON Lines: one whole bundle is enough; the others are told")
  func lines() throws {
    func file(_ lines: [String]) -> String {
      folder.write("bundles.jsonl", Array(lines.joined(separator: "\n").utf8))
    }
    let (good, bad) = (materials[0].bundle().rendered, materials[1].bundle().rendered)
    for lines in [[good, bad], [bad, good], [good, bad, ""], ["", good, bad + "\r"], [bad, "{}", good]] {
      let run = verify(["--bundle", file(lines), blobs[0]])
      #expect(run.status == 0, "\(run.errors)")
      #expect(
        run.lines.filter { $0.hasSuffix("(bundle.otherRefused)") }.count == lines.filter { $0.count > 1 }.count - 1)
    }
    let json = try verify(["--json", "--bundle", file([bad, "{}", good]), blobs[0]]).json
    let verdicts = try json.field("bundles").elements(atMost: 9)
    #expect(try verdicts.map { try $0.field("line").integer() } == [1, 2, 3])
    #expect(try verdicts.map { try $0.field("verified").bool() } == [false, false, true])
    #expect(
      try verdicts.map { try $0.optionalField("code")?.string() } == [
        "signature.mismatch", "bundle.unknownFormat", nil,
      ])
    #expect(verify(["--bundle", file([bad, bad]), blobs[0]]).code == "signature.mismatch")
    #expect(verify(["--bundle", file(["{}", "{}"]), blobs[0]]).code == "bundle.unknownFormat")
    #expect(verify(["--bundle", file([good, "x"]), blobs[0]]).code == "bundle.json")
    #expect(verify(["--bundle", file([good + good]), blobs[0]]).code == "bundle.json")
    #expect(
      verify(["--bundle", file(Array(repeating: "{}", count: 1025)), blobs[0]]).code == "bundle.tooMany")
    // Two halves do not make a whole: each bundle is judged by itself.
    var (log, signature) = (materials[0].bundle(), materials[0].bundle())
    log["messageSignature.signature"] = .base64([0x30, 6, 2, 1, 1, 2, 1, 1])
    signature["verificationMaterial.tlogEntries"] = .array([])
    #expect(verify(["--bundle", file([log.rendered, signature.rendered]), blobs[0]]).status == 1)
  }

  // MARK: Lists of digests

  private func sign(_ list: String, _ name: String = "SHA256SUMS") -> String {
    var world = VirtualSigstore()
    let path = folder.write(name, Array(list.utf8))
    folder.write(name + ".sigstore.json", world.sign(Array(list.utf8)).bundle().bytes)
    return path
  }

  private func line(_ index: Int) -> String {
    Encoding.hex(HashName.sha256(materials[index].artifact)) + "  blob\(index)\n"
  }

  @Test("a signed list, and then every file that it names")
  func checksums() throws {
    let wide = Encoding.hex(HashName.sha512(materials[2].artifact))
    let list = sign(line(0) + line(1).replacing("  ", with: " *") + "SHA512 (blob2) = \(wide)\n")
    let run = verify(["--checksums", list])
    #expect(run.status == 0, "\(run.errors)")
    #expect(
      run.lines == ["verified \"\(list)\": \(SignedFolder.identity)"]
        + (0..<3).map { "verified \"\(blobs[$0])\": by the signed list" } + ["4 verified, 0 failed"])
    #expect(verify(["--checksums", list, blobs[1]]).lines.last == "2 verified, 0 failed")
    let json = try verify(["--json", "--checksums", list]).output.split(separator: "\n").map {
      try JSONNode.parse(Array($0.utf8))
    }
    #expect(try json.map { try $0.field("verified").bool() } == [true, true, true, true])
  }

  @Test("a file that is missing, changed or not listed fails; a list that is not signed stops everything")
  func badChecksums() {
    let list = sign(line(0) + line(1).replacing("blob1", with: "none") + line(2).replacing("blob2", with: "blob3"))
    let run = verify(["--checksums", list])
    #expect(run.status == 1)
    #expect(run.lines.map { $0.prefix { $0 != " " } } == ["verified", "verified", "FAILED", "FAILED", "2"])
    #expect(run.lines[2].hasSuffix("(input.unreadable)") && run.lines[3].hasSuffix("(checksums.mismatch)"))
    #expect(verify(["--checksums", list, blobs[4]]).lines[1].hasSuffix("(checksums.notListed)"))
    #expect(verify(["--checksums", list, path("other/blob0")]).lines[1].hasSuffix("(checksums.notListed)"))
    folder.write("SHA256SUMS", Array(line(1).utf8))
    let unsigned = verify(["--checksums", list])
    #expect(unsigned.lines.count == 1 && unsigned.lines[0].hasPrefix("FAILED"))
    #expect(unsigned.status == 1)
    #expect(verify(["--checksums", path("none")]).code == "input.unreadable")
  }

  @Test(
    "lists that can be read in two ways are refused, signed or not",
    arguments: [
      "", "\n\n", "x", "00  blob0\n", "D  ../blob0\n", "D  /etc/passwd\n", "D  a//b\n", "D  a/../b\n", "D blob0\n",
      "D\tblob0\n", "\\D  a\\nb\n", "D  \n", "D  blob0\nD  blob0\n", "D  blob0\nnonsense\n", "MD5 (blob0) = D\n",
      "SHA512 (blob0) = D\n", "SHA256 (blob0) = D \n", "SHA256 (blob0)=D\n", "D  a\u{1}b\n",
    ])
  func malformed(list: String) {
    let text = list.replacing("D", with: Encoding.hex(HashName.sha256(materials[0].artifact)))
    let run = verify(["--checksums", sign(text)])
    #expect(run.status == 3, "\(run.errors)")
    #expect(run.code == "checksums.malformed")
  }

  @Test("digests in capitals, line ends of Windows, and folders below the list's own")
  func forms() {
    let hex = Encoding.hex(HashName.sha256(materials[0].artifact))
    let list = sign("\(hex.uppercased())  ./blob0\r\n\r\n")
    #expect(verify(["--checksums", list]).status == 0)
  }
}
