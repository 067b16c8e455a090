// SPDX-License-Identifier: Apache-2.0
// Nothing but a place to compile: the headers that all tests begin with are parsed once with the options of this file
// (gatescope_test_headers in packaging/cmake/GatescopeTargets.cmake).
