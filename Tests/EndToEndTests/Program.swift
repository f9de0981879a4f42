import Foundation
import Glibc

/// What a process did.
struct Outcome {
  /// Exit status; nil for a process that a signal ended or that had to be stopped.
  let status: Int32?
  let signal: Int32?
  let standardOutput: String
  let standardError: String
}

/// A scratch folder that goes away with the value's owner.
final class Scratch {
  let path: String

  init() {
    var template = Array((NSTemporaryDirectory() + "/nexo-XXXXXX").utf8CString)
    guard mkdtemp(&template) != nil else { preconditionFailure("no scratch folder") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  @discardableResult
  func write(_ name: String, _ bytes: [UInt8]) -> String {
    let file = path + "/" + name
    guard FileManager.default.createFile(atPath: file, contents: Data(bytes)) else {
      preconditionFailure("cannot write")
    }
    return file
  }
}

enum Program {
  static let nexoVerify = built("nexo-verify")
  static let nexo = built("nexo")

  /// Beside the test runner.
  private static func built(_ name: String) -> String {
    let runner = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    for folder in [runner, CommandLine.arguments[0]].map({ ($0 as NSString).deletingLastPathComponent }) {
      let program = folder + "/" + name
      if FileManager.default.isExecutableFile(atPath: program) { return program }
    }
    return projectFolder + "/.build/debug/" + name
  }

  static let projectFolder: String = {
    var url = URL(fileURLWithPath: #filePath)
    for _ in 0..<3 { url.deleteLastPathComponent() }
    return url.path
  }()

  static let demo = projectFolder + "/Tests/Vectors/demo"

  static func demoFile(_ name: String) -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: demo + "/" + name) else { preconditionFailure("no \(name)") }
    return Array(data)
  }

  static func verify(
    _ arguments: [String], input: String = "/dev/null", environment: [String: String] = [:],
    program: String = nexoVerify
  ) -> Outcome {
    // What it may ask of the system: less than the largest of the files that it is offered. Libraries take up most of it.
    let limited = ["sh", "-c", "ulimit -v \(addressSpace) && exec \"$0\" \"$@\"", program, "verify-blob"]
    return run(limited + arguments, input: input, environment: environment)
  }

  /// In KB.
  static let addressSpace = 120_000

  /// Runs a program to its end, for a minute at most. `environment` is all that it gets beside PATH.
  static func run(_ arguments: [String], input: String = "/dev/null", environment: [String: String] = [:]) -> Outcome {
    let scratch = Scratch()
    let (output, errors) = (scratch.path + "/out", scratch.path + "/err")
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT, 0o600)
    var variables = environment
    variables["PATH"] = ProcessInfo.processInfo.environment["PATH"]
    var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    var settings: [UnsafeMutablePointer<CChar>?] = variables.map { strdup("\($0)=\($1)") } + [nil]
    defer { for pointer in words + settings { free(pointer) } }
    var child: pid_t = 0
    let failure = posix_spawnp(&child, arguments[0], &actions, nil, &words, &settings)
    precondition(failure == 0, "cannot run \(arguments[0]): \(failure)")

    var status: Int32 = 0
    let deadline = Date().addingTimeInterval(60)
    var isStopped = false
    while waitpid(child, &status, WNOHANG) == 0 {
      if Date() > deadline {
        isStopped = true
        kill(child, SIGKILL)
      }
      usleep(2000)
    }
    let ending = status & 0x7f
    return Outcome(
      status: ending == 0 && !isStopped ? (status >> 8) & 0xff : nil, signal: ending == 0 ? nil : ending,
      standardOutput: text(output), standardError: text(errors))
  }

  private static func text(_ file: String) -> String {
    String(decoding: FileManager.default.contents(atPath: file) ?? Data(), as: UTF8.self)
  }
}
