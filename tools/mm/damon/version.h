/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DAMON_TOOL_VERSION_H
#define DAMON_TOOL_VERSION_H

#define DAMON_TOOL_VERSION	"0.1"
#define DAMON_TOOL_DATE		"2026-11-23"

#endif
