import Foundation
import Testing

private let identity = "https://github.com/example/plugin/.github/workflows/release.yml@refs/tags/v1.0.0"
private let issuer = "https://token.actions.githubusercontent.com"
private let root = ["--trusted-root", Program.demo + "/trusted_root.json"]
private let signer = ["--certificate-identity", identity, "--certificate-oidc-issuer", issuer]
private let bundle = ["--bundle", Program.demo + "/bundle.json"]
private let blob = Program.demo + "/artifact.txt"

@Suite("The built program")
struct VerifyBlobTests {
  @Test("a genuine signature: subject and verdict on standard error, nothing on standard output, status 0")
  func verified() {
    let outcome = Program.verify(bundle + root + signer + [blob])
    #expect(outcome.status == 0)
    #expect(outcome.standardOutput == "")
    #expect(outcome.standardError == "Certificate subject: \(identity)\nVerified OK\n")
  }

  @Test("flags stand before or behind the blob, with a blank or an equals sign")
  func flagForms() {
    let joined = [
      blob, "--bundle=\(Program.demo)/bundle.json", "--trusted-root=\(Program.demo)/trusted_root.json",
      "--certificate-identity=\(identity)", "--certificate-oidc-issuer=\(issuer)", "--offline=true",
    ]
    #expect(Program.verify(joined).status == 0)
  }

  @Test("the blob from standard input, and as a digest")
  func otherBlobs() {
    #expect(Program.verify(bundle + root + signer + ["-"], input: blob).status == 0)
    let digest = Program.run(["sha256sum", blob]).standardOutput.prefix(64)
    #expect(Program.verify(bundle + root + signer + ["sha256:\(digest)"]).status == 0)
    let wrong = String(repeating: "0", count: 64)
    #expect(Program.verify(bundle + root + signer + ["sha256:\(wrong)"]).status == 1)
  }

  @Test("a changed blob: one error line with its code, a hint, status 1, and no verdict")
  func refused() {
    let scratch = Scratch()
    let changed = scratch.write("blob", Program.demoFile("artifact.txt") + [0x0a])
    let outcome = Program.verify(bundle + root + signer + [changed])
    #expect(outcome.status == 1)
    #expect(outcome.standardError.contains("(signature.mismatch)"))
    #expect(outcome.standardError.split(separator: "\n").filter { $0.hasPrefix("Error: ") }.count == 1)
    #expect(outcome.standardError.contains("\nhint: "))
    #expect(!outcome.standardError.contains("Verified OK"))
  }

  @Test("under the name cosign: no subject line, and the status is 0 or 1")
  func asCosign() throws {
    let scratch = Scratch()
    let link = scratch.path + "/cosign"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: Program.nexoVerify)
    let good = Program.verify(bundle + root + signer + [blob], program: link)
    #expect(good.status == 0)
    #expect(good.standardError == "Verified OK\n")
    #expect(Program.verify(bundle + root + signer + [scratch.path + "/none"], program: link).status == 1)
    #expect(Program.verify(["--no-such-flag"], program: link).status == 1)
  }

  @Test("--json prints one object, for a yes and for a no")
  func json() throws {
    let scratch = Scratch()
    let changed = scratch.write("blob", [1, 2, 3])
    for (file, isVerified, code) in [(blob, true, nil), (changed, false, "signature.mismatch")]
      as [(String, Bool, String?)]
    {
      let outcome = Program.verify(["--json"] + bundle + root + signer + [file])
      let object = try #require(
        try JSONSerialization.jsonObject(with: Data(outcome.standardOutput.utf8)) as? [String: Any])
      #expect(object["verified"] as? Bool == isVerified)
      #expect(object["code"] as? String == code)
      #expect(((object["trace"] as? [Any])?.count ?? 0) > 4)
    }
  }

  @Test("nothing that weakens a check is read from the environment")
  func environment() {
    let scratch = Scratch()
    let changed = scratch.write("blob", [1])
    let variables = [
      "COSIGN_INSECURE_IGNORE_TLOG": "true", "COSIGN_INSECURE_IGNORE_SCT": "true", "COSIGN_OFFLINE": "false",
      "COSIGN_CERTIFICATE_IDENTITY": identity,
    ]
    let outcome = Program.verify(bundle + root + signer + [changed], environment: variables)
    #expect(outcome.status == 1)
    #expect(outcome.standardError.contains("COSIGN_INSECURE_IGNORE_TLOG"))
    #expect(Program.verify(bundle + root + [blob], environment: variables).status == 2)
  }

  @Test("no configuration of libcrypto is read, whatever the environment says")
  func libcryptoConfiguration() {
    let scratch = Scratch()
    let trap = scratch.write("openssl.cnf", Array("openssl_conf = broken\n[broken]\nproviders = none\n".utf8))
    let log = scratch.path + "/trace"
    let outcome = Program.run(
      ["strace", "-f", "-o", log, "-e", "trace=openat,open", Program.nexoVerify, "verify-blob"] + bundle + root + signer
        + [blob],
      environment: ["OPENSSL_CONF": trap])
    #expect(outcome.status == 0)
    let trace = String(decoding: FileManager.default.contents(atPath: log) ?? Data(), as: UTF8.self)
    #expect(trace.contains("artifact.txt"))
    #expect(!trace.contains("openssl.cnf"))
  }

  @Test("no socket is opened, and no network library or function is linked")
  func offline() {
    let scratch = Scratch()
    let log = scratch.path + "/trace"
    let outcome = Program.run(
      ["strace", "-f", "-o", log, "-e", "trace=network", Program.nexoVerify, "verify-blob"] + bundle + root + signer + [
        blob
      ])
    #expect(outcome.status == 0)
    let trace = String(decoding: FileManager.default.contents(atPath: log) ?? Data("no trace".utf8), as: UTF8.self)
    #expect(trace.split(separator: "\n").allSatisfy { $0.contains("+++") })
    let libraries = Program.run(["ldd", Program.nexoVerify]).standardOutput
    #expect(libraries.contains("libcrypto"))
    for name in ["libcurl", "libssl", "libnghttp", "FoundationNetworking"] { #expect(!libraries.contains(name)) }
    let symbols = Program.run(["nm", "-D", "--undefined-only", Program.nexoVerify]).standardOutput
    let names = symbols.split(separator: "\n").map { $0.split(separator: " ").last?.split(separator: "@").first ?? "" }
    #expect(names.contains("read"))
    for name in ["socket", "connect", "getaddrinfo", "send", "sendto", "dlopen"] { #expect(!names.contains(name[...])) }
  }

  @Test("memory does not grow with the blob")
  func memory() throws {
    let scratch = Scratch()
    let large = scratch.path + "/large"
    #expect(FileManager.default.createFile(atPath: large, contents: nil))
    try #require(FileHandle(forWritingAtPath: large)).truncate(atOffset: 360 << 20)
    // Twice the address space that the program is given.
    #expect(Program.verify(bundle + root + signer + [large]).status == 1)
  }
}
