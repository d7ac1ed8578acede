// Package circletest has test doubles and suites for circle.
package circletest
