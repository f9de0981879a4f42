import Glibc
import VirtualSigstore
import WireCoding

@testable import VerifyCommands

/// What a run in this process left behind.
struct TestRun {
  let status: Int32
  let output: String
  let errors: String

  /// Of standard error.
  var lines: [String] { errors.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init) }

  /// The object that `--json` printed.
  var json: JSONNode {
    get throws { try JSONNode.parse(Array(output.utf8)) }
  }

  /// The code at the end of the one line that says the error.
  var code: String? {
    let errors = lines.filter { $0.hasPrefix("Error: ") }
    guard errors.count == 1, let line = errors.first, line.last == ")" else { return nil }
    return line.dropLast().split(separator: "(").last.map(String.init)
  }

  /// `NAME`, or `NAME=value`.
  private static func environment(_ entries: [String]) -> [String: [UInt8]] {
    Dictionary(
      entries.map { entry in
        let parts = entry.split(separator: "=", maxSplits: 1).map(String.init)
        return (parts[0], Array((parts.count > 1 ? parts[1] : "").utf8))
      }, uniquingKeysWith: { first, _ in first })
  }

  private final class Box {
    var text = ""
  }

  static func run(
    _ arguments: [String], name: String = "nexo-verify", variables: [String] = [], input: Int32 = -1,
    now: Int64 = 1_700_000_500, outputFails: Bool = false, errorsFail: Bool = false
  ) -> TestRun {
    run(
      bytes: arguments.map { Array($0.utf8) }, name: name, variables: variables, input: input, now: now,
      outputFails: outputFails, errorsFail: errorsFail)
  }

  static func run(
    bytes arguments: [[UInt8]], name: String = "nexo-verify", variables: [String] = [], input: Int32 = -1,
    now: Int64 = 1_700_000_500, outputFails: Bool = false, errorsFail: Bool = false
  ) -> TestRun {
    let (output, errors) = (Box(), Box())
    let status = VerifyProgram.run(
      CommandContext(
        programName: Array(name.utf8), arguments: arguments, variables: environment(variables),
        clock: { timespec(tv_sec: Int(now), tv_nsec: 0) }, standardInput: input,
        standardOutput: OutputChannel { bytes in
          if !outputFails { output.text += String(decoding: bytes, as: UTF8.self) }
          return !outputFails
        },
        standardError: OutputChannel { bytes in
          if !errorsFail { errors.text += String(decoding: bytes, as: UTF8.self) }
          return !errorsFail
        }))
    return TestRun(status: status, output: output.text, errors: errors.text)
  }
}

/// A folder that goes away with its owner.
final class TestFolder {
  let path: String

  init() {
    let parent = getenv("TMPDIR").map { String(cString: $0) } ?? P_tmpdir
    var template = Array((parent + "/nexo-verify-XXXXXX").utf8CString)
    guard mkdtemp(&template) != nil else { preconditionFailure("no scratch folder") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    if let list = opendir(path) {
      while let entry = readdir(list) {
        let name = withUnsafePointer(to: &entry.pointee.d_name.0) { String(cString: $0) }
        if name != ".", name != ".." { remove(path + "/" + name) }
      }
      closedir(list)
    }
    rmdir(path)
  }

  @discardableResult
  func write(_ name: String, _ bytes: [UInt8]) -> String {
    let file = path + "/" + name
    let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    precondition(descriptor >= 0 && Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
    close(descriptor)
    return file
  }

  func fifo(_ name: String) -> String {
    let file = path + "/" + name
    precondition(mkfifo(file, 0o600) == 0)
    return file
  }
}

/// A signed file with all its material on disk.
struct SignedFolder {
  static let identity = VirtualSigstore.identity
  static let issuer = VirtualSigstore.issuer

  let folder = TestFolder()
  let material: SignedMaterial
  let blob: String
  let root: String

  init(_ artifact: [UInt8] = Array("an artifact\n".utf8), key: VirtualKey? = nil) {
    var world = VirtualSigstore()
    material = key.map { world.sign(artifact, withManagedKey: $0) } ?? world.sign(artifact)
    blob = folder.write("blob", artifact)
    root = folder.write("root.json", world.trustedRoot().bytes)
    folder.write("bundle.json", material.bundle().bytes)
    folder.write("legacy.bundle", material.legacyBundle.bytes)
    folder.write("blob.sig", material.looseSignature)
    folder.write("blob.pem", material.looseCertificate)
    if let key { folder.write("key.pub", Array(key.publicKeyPEM.utf8)) }
  }

  func path(_ name: String) -> String { folder.path + "/" + name }

  /// `verify-blob` with this root, whatever else is given.
  func verify(
    _ arguments: [String], name: String = "nexo-verify", variables: [String] = [], input: Int32 = -1,
    now: Int64 = 1_700_000_500, outputFails: Bool = false, errorsFail: Bool = false
  ) -> TestRun {
    TestRun.run(
      ["verify-blob", "--trusted-root", root] + arguments, name: name, variables: variables, input: input, now: now,
      outputFails: outputFails, errorsFail: errorsFail)
  }

  var signer: [String] { ["--certificate-identity", Self.identity, "--certificate-oidc-issuer", Self.issuer] }
  var bundle: [String] { ["--bundle", path("bundle.json")] }
}
