// SPDX-License-Identifier: Apache-2.0
// Nothing but a place to compile: the headers that many files begin with are parsed once with the options of this file
// (packaging/cmake/GatescopeHeaders.cmake).
